using System.Buffers.Binary;
using Broker.Core.Jobs;
using Broker.Ptx;
using Broker.Ptx.Verify;

namespace Broker.Verification;

/// <summary>Turns the step of a document into a launch of its kernel.</summary>
public static class StepLaunch
{
    /// <summary>Lays each argument at its parameter's offset, a buffer as the address of its memory.</summary>
    /// <param name="kernel">The kernel that the step names.</param>
    /// <param name="step">The step.</param>
    /// <param name="addressOf">The address of a buffer by its name.</param>
    /// <remarks>Pure.</remarks>
    /// <exception cref="ArgumentException">The step does not fit the kernel.</exception>
    public static KernelLaunch Make(KernelSignature kernel, StepSpec step, Func<string, ulong> addressOf)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(addressOf);
        if (step.Arguments.Length != kernel.Parameters.Count)
            throw new ArgumentException($"kernel '{kernel.Name}' takes {kernel.Parameters.Count} arguments, not {step.Arguments.Length}", nameof(step));
        var packed = new byte[kernel.PackedBytes];
        foreach (var (argument, parameter) in step.Arguments.Zip(kernel.Parameters))
        {
            var value = Bytes(argument, addressOf);
            if (value.Length != parameter.Bytes)
                throw new ArgumentException($"parameter '{parameter.Name}' of kernel '{kernel.Name}' has {parameter.Bytes} bytes, its argument {value.Length}", nameof(step));
            value.CopyTo(packed.AsSpan(parameter.Offset));
        }

        return new KernelLaunch(Size(step.Grid), Size(step.Block), step.SharedBytes, packed);
    }

    /// <summary>Which of a launch's parameters are addresses of buffers.</summary>
    public static IReadOnlyList<LaunchPointer> Pointers(KernelSignature kernel, StepSpec step, JobDocument document)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(document);
        return [.. step.Arguments.Zip(kernel.Parameters).Where(pair => pair.First.Kind == ArgumentKind.Buffer).Select(pair => Pointer(pair.First, pair.Second))];

        LaunchPointer Pointer(Argument argument, KernelParameter parameter)
        {
            var buffer = document.FindBuffer(argument.Buffer!) ?? throw new ArgumentException($"the document has no buffer '{argument.Buffer}'", nameof(document));
            return new LaunchPointer(parameter.Offset, new LaunchBuffer(buffer.Name, buffer.Bytes, buffer.Role != BufferRole.Input), argument.Offset);
        }
    }

    /// <summary>The block at a place in its grid.</summary>
    internal static Dim3 At(Dimensions size, long place)
    {
        var (row, x) = Math.DivRem(place, size.X);
        var (z, y) = Math.DivRem(row, size.Y);
        return new Dim3((uint)x, (uint)y, (uint)z);
    }

    private static Dim3 Size(Dimensions size) => new(checked((uint)size.X), checked((uint)size.Y), checked((uint)size.Z));

    private static ReadOnlySpan<byte> Bytes(Argument argument, Func<string, ulong> addressOf)
    {
        if (argument.Kind != ArgumentKind.Buffer) return argument.Value.AsSpan();
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, addressOf(argument.Buffer!) + (ulong)argument.Offset);
        return bytes;
    }
}
