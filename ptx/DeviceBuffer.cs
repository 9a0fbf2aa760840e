using Broker.Ptx.Running;

namespace Broker.Ptx;

/// <summary>Is a named stretch of device memory.</summary>
public sealed unsafe class DeviceBuffer
{
    private readonly DeviceMemory _memory;

    internal DeviceBuffer(DeviceMemory memory, MemoryRange range) => (_memory, Range) = (memory, range);

    public string Name => Range.Name;

    public long Bytes => (long)Range.Bytes;

    /// <summary>Gets the virtual address that a kernel is given; it says nothing about this process.</summary>
    public ulong Address => Range.Start;

    /// <summary>Gets whether kernels may write to it. The host always may.</summary>
    public bool Writable => Range.Writable;

    internal MemoryRange Range { get; }

    public void Write(long offset, ReadOnlySpan<byte> source) => source.CopyTo(Span(offset, source.Length));

    public void Read(long offset, Span<byte> destination) => Span(offset, destination.Length).CopyTo(destination);

    /// <summary>Gets a part of the buffer, valid until its memory is disposed.</summary>
    public Span<byte> Span(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_memory.IsDisposed, _memory);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Bytes - length);
        return new Span<byte>(Range.Host + offset, length);
    }
}
