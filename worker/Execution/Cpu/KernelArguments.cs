using System.Buffers.Binary;
using System.Collections.Immutable;
using Broker.Core.Jobs;
using Broker.Ptx;

namespace Broker.Worker.Execution.Cpu;

/// <summary>Packs a step's arguments as its kernel expects them.</summary>
internal static class KernelArguments
{
    /// <summary>Lays each argument at its parameter's offset, a buffer as the address of its memory.</summary>
    /// <remarks>Pure.</remarks>
    /// <exception cref="ExecutorException">Number or sizes differ from what the kernel declares.</exception>
    public static byte[] Pack(KernelSignature kernel, ImmutableArray<Argument> arguments, Func<string, ulong> addressOf)
    {
        if (arguments.Length != kernel.Parameters.Count)
            throw new ExecutorException($"kernel '{kernel.Name}' takes {kernel.Parameters.Count} arguments, not {arguments.Length}");
        var packed = new byte[kernel.PackedBytes];
        for (var i = 0; i < arguments.Length; i++)
        {
            var parameter = kernel.Parameters[i];
            var value = Bytes(arguments[i], addressOf);
            if (value.Length != parameter.Bytes)
                throw new ExecutorException($"argument {i} of kernel '{kernel.Name}' has {value.Length} bytes, not {parameter.Bytes}");
            value.CopyTo(packed.AsSpan(parameter.Offset));
        }

        return packed;
    }

    private static ReadOnlySpan<byte> Bytes(Argument argument, Func<string, ulong> addressOf)
    {
        if (argument.Kind != ArgumentKind.Buffer) return argument.Value.AsSpan();
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, addressOf(argument.Buffer!) + (ulong)argument.Offset);
        return bytes;
    }
}
