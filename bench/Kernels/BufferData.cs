using System.Runtime.InteropServices;

namespace Broker.Bench.Kernels;

/// <summary>Is a buffer that a kernel works on.</summary>
/// <param name="Name">What it is called in faults.</param>
/// <param name="Content">What it holds before each run.</param>
/// <param name="Written">Whether the kernel writes to it; then it is restored before each run, and compared after it.</param>
internal sealed record BufferData(string Name, byte[] Content, bool Written)
{
    public static BufferData Input<T>(string name, T[] content)
        where T : unmanaged => new(name, MemoryMarshal.AsBytes(content.AsSpan()).ToArray(), Written: false);

    public static BufferData InPlace<T>(string name, T[] content)
        where T : unmanaged => new(name, MemoryMarshal.AsBytes(content.AsSpan()).ToArray(), Written: true);

    /// <summary>A buffer of zeros that the kernel fills.</summary>
    public static BufferData Output(string name, int bytes) => new(name, new byte[bytes], Written: true);

    public bool Equals(BufferData? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
