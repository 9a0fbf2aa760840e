using Broker.Core.Documents;
using Broker.Core.Jobs;

namespace Broker.Core.Verification;

/// <summary>Hashes all of a job that its result depends on, and how the result is to be verified.</summary>
public static class JobHash
{
    /// <summary>Hashes a resolved document: its program is content, every buffer has its size.</summary>
    /// <remarks>
    /// Pure. Fields: <c>broker-job-1</c>; the program's hash; the index in an array; for each buffer its name, role, bytes, and the hash of
    /// its content or nothing; for each step its kernel, grid, block, shared bytes, repetitions, and for each argument its kind, buffer or
    /// nothing, offset and bytes; the verification's mode, its fraction and its confidence in millionths.
    /// </remarks>
    public static Digest Of(JobDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var program = document.Program.Content ?? throw new ArgumentException("its program is not named by its hash", nameof(document));
        var (verification, fields) = (document.Verification ?? new VerificationSpec(), new FieldWriter("broker-job-1"));
        return fields.Add(Digest.From(program)).Add(0)
            .AddEach(document.Buffers, Add)
            .AddEach(document.Steps, Add)
            .Add(BrokerJson.Word(verification.Mode)).Add(verification.FractionMillionths).Add(verification.ConfidenceMillionths)
            .ToDigest();
    }

    private static void Add(FieldWriter fields, BufferSpec buffer) => fields
        .Add(buffer.Name).Add(BrokerJson.Word(buffer.Role)).Add(buffer.Bytes)
        .Add(buffer.Content is { } content ? Digest.From(content).ToBytes() : []);

    private static void Add(FieldWriter fields, StepSpec step) => fields
        .Add(step.Kernel)
        .Add(step.Grid.X).Add(step.Grid.Y).Add(step.Grid.Z).Add(step.Block.X).Add(step.Block.Y).Add(step.Block.Z)
        .Add(step.SharedBytes).Add(step.Repeat)
        .AddEach(step.Arguments, Add);

    private static void Add(FieldWriter fields, Argument argument) => fields
        .Add(BrokerJson.Word(argument.Kind)).Add(argument.Buffer ?? "").Add(argument.Offset).Add(argument.Value.IsDefault ? [] : argument.Value.AsSpan());
}
