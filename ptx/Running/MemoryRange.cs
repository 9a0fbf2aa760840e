namespace Broker.Ptx.Running;

/// <summary>Is a stretch of virtual addresses and the memory of this process behind it.</summary>
internal readonly unsafe struct MemoryRange(string name, ulong start, ulong bytes, byte* host, bool writable)
{
    public string Name => name;

    public ulong Start => start;

    public ulong Bytes => bytes;

    public byte* Host => host;

    public bool Writable => writable;

    /// <summary>Gives the same memory at another address.</summary>
    public MemoryRange At(ulong address) => new(name, address, bytes, host, writable);
}
