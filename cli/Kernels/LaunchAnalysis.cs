using Broker.Cli.Submit;
using Broker.Core.Documents;
using Broker.Core.Jobs;
using Broker.Ptx;
using Broker.Ptx.Verify;

namespace Broker.Cli.Kernels;

/// <summary>What one launch of a program is like: its class and why, and roughly what it needs.</summary>
internal sealed record LaunchAnalysis(string Kernel, string Class, IReadOnlyList<ClassReason> Reasons, KernelEstimate Estimate)
{
    /// <exception cref="CommandException">The launch does not fit its kernel.</exception>
    public static LaunchAnalysis Of(Module module, JobDraft draft)
    {
        var read = JobDocumentReader.Read(draft.ToBytes());
        if (read.Value is not { } document)
            throw new CommandException(ExitCode.BadInput, string.Join(Environment.NewLine, read.Errors.Select(e => $"{e.Path}: {e.Message}")));
        var step = document.Steps[0];
        var kernel = module.Kernels.FirstOrDefault(k => k.Name == step.Kernel)
            ?? throw new CommandException(ExitCode.BadInput, $"The program has no kernel '{step.Kernel}': it has {string.Join(", ", module.Kernels.Select(k => k.Name))}.");
        var (launch, pointers) = Shape(kernel, step, document, draft);
        try
        {
            var found = Classifier.Classify(module, kernel.Name, launch, pointers);
            return new LaunchAnalysis(kernel.Name, found.Class.Word(), found.Reasons, KernelEstimate.Of(module, kernel.Name, launch, pointers));
        }
        catch (ArgumentException e)
        {
            throw new CommandException(ExitCode.BadInput, $"The launch does not fit the kernel: {e.Message}");
        }
    }

    private static (Ptx.KernelLaunch, IReadOnlyList<LaunchPointer>) Shape(KernelSignature kernel, StepSpec step, JobDocument document, JobDraft draft)
    {
        if (step.Arguments.Length != kernel.Parameters.Count)
            throw new CommandException(ExitCode.BadInput, $"The kernel '{kernel.Name}' takes {kernel.Parameters.Count} arguments, not {step.Arguments.Length}: give --arg once for each.");
        var (parameters, pointers) = (new byte[kernel.PackedBytes], new List<LaunchPointer>());
        foreach (var (argument, parameter) in step.Arguments.Zip(kernel.Parameters))
        {
            var bytes = argument.Kind == ArgumentKind.Buffer ? sizeof(ulong) : argument.Value.Length;
            if (bytes != parameter.Bytes)
                throw new CommandException(ExitCode.BadInput, $"The parameter '{parameter.Name}' has {parameter.Bytes} bytes, its argument {bytes}.");
            if (argument.Kind != ArgumentKind.Buffer)
            {
                argument.Value.AsSpan().CopyTo(parameters.AsSpan(parameter.Offset));
                continue;
            }

            var buffer = document.Buffers.First(b => b.Name == argument.Buffer);
            var size = draft.Contents.FirstOrDefault(c => c.Hash == buffer.Content)?.Bytes ?? buffer.Bytes;
            pointers.Add(new LaunchPointer(parameter.Offset, new LaunchBuffer(buffer.Name, size, buffer.Role != BufferRole.Input), argument.Offset));
        }

        return (new Ptx.KernelLaunch(Size(step.Grid), Size(step.Block), step.SharedBytes, parameters), pointers);
    }

    private static Dim3 Size(Dimensions size) => new((uint)size.X, (uint)size.Y, (uint)size.Z);
}
