using System.Buffers.Binary;

namespace Broker.Ptx.Verify;

/// <summary>Describes a buffer that a launch is given: everything that can be known without its content or its address.</summary>
public sealed record LaunchBuffer(string Name, long Bytes, bool Writable);

/// <summary>Says that eight bytes of a launch's parameters are the address of a buffer.</summary>
/// <param name="Offset">Where they lie among the packed parameters.</param>
/// <param name="Start">How many bytes into the buffer they point.</param>
public sealed record LaunchPointer(int Offset, LaunchBuffer Buffer, long Start = 0)
{
    /// <summary>Finds the parameters of eight bytes that are addresses of buffers of a memory.</summary>
    public static IReadOnlyList<LaunchPointer> FindIn(KernelLaunch launch, IReadOnlyList<DeviceBuffer> buffers)
    {
        ArgumentNullException.ThrowIfNull(launch);
        ArgumentNullException.ThrowIfNull(buffers);
        var known = buffers.ToDictionary(b => b.Address, b => new LaunchBuffer(b.Name, b.Bytes, b.Writable));
        var pointers = new List<LaunchPointer>();
        for (var offset = 0; offset + sizeof(ulong) <= launch.Parameters.Length; offset += sizeof(ulong))
            if (known.TryGetValue(BinaryPrimitives.ReadUInt64LittleEndian(launch.Parameters.Span[offset..]), out var buffer))
                pointers.Add(new LaunchPointer(offset, buffer));
        return pointers;
    }
}
