using Broker.Cli.Submit;
using Broker.Core.Documents;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;
using Broker.Verification;

namespace Broker.Cli.Kernels;

/// <summary>What one launch of a program is like: its class and why, how it is verified, and roughly what it needs.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Class">The class of the launch.</param>
/// <param name="Reasons">What keeps it from a stronger class.</param>
/// <param name="Verification">How the result is verified where the document does not say; null where it cannot be.</param>
/// <param name="Refusal">Why it cannot be verified; null where it can.</param>
/// <param name="Estimate">What it needs.</param>
internal sealed record LaunchAnalysis(
    string Kernel, string Class, IReadOnlyList<ClassReason> Reasons, VerificationSpec? Verification, string? Refusal, KernelEstimate Estimate)
{
    /// <exception cref="CommandException">The launch does not fit its kernel.</exception>
    public static LaunchAnalysis Of(Module module, JobDraft draft)
    {
        var document = Read(draft);
        var step = document.Steps[0];
        var kernel = module.Kernels.First(kernel => kernel.Name == step.Kernel);
        try
        {
            var (launch, pointers) = (StepLaunch.Make(kernel, step, _ => 0), StepLaunch.Pointers(kernel, step, document));
            var found = Classifier.Classify(module, kernel.Name, launch, pointers);
            var (holds, refusal) = JobClass.Of(module, document).Decide(null, new LaunchList(document).Count);
            return new LaunchAnalysis(kernel.Name, found.Class.Word(), found.Reasons, holds, refusal, KernelEstimate.Of(module, kernel.Name, launch, pointers));
        }
        catch (ArgumentException e)
        {
            throw new CommandException(ExitCode.BadInput, $"The launch does not fit the kernel: {e.Message}");
        }
    }

    /// <summary>The document with the sizes of the content that lies here.</summary>
    private static JobDocument Read(JobDraft draft)
    {
        draft.Check();
        var read = JobDocumentReader.Read(draft.ToBytes());
        if (read.Value is not { } document)
            throw new CommandException(ExitCode.BadInput, string.Join(Environment.NewLine, read.Errors.Select(e => $"{e.Path}: {e.Message}")));
        var sizes = draft.Contents.DistinctBy(content => content.Hash).ToDictionary(content => content.Hash, content => content.Bytes);
        return document with { Buffers = [.. document.Buffers.Select(buffer => buffer.Content is { } content ? buffer with { Bytes = sizes.GetValueOrDefault(content, buffer.Bytes) } : buffer)] };
    }
}
