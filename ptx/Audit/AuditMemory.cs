using Broker.Ptx.Passes;
using Broker.Ptx.Running;

namespace Broker.Ptx.Audit;

/// <summary>Holds the buffers on which blocks are audited, each alone: none sees what another wrote.</summary>
/// <remarks>Buffers have the addresses that <see cref="DeviceMemory"/> would give them. For one thread at a time.</remarks>
public sealed class AuditMemory : IDisposable
{
    private readonly List<AuditBuffer> _buffers = [];
    private ulong _next = AddressMap.BufferStart;
    private AuditArena? _arena;

    /// <summary>Makes a buffer, before the first audit.</summary>
    /// <param name="content">What it holds before the launch; null for zeros.</param>
    public AuditBuffer Allocate(string name, long bytes, bool writable = true, IBufferContent? content = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (_arena is not null) throw new InvalidOperationException("blocks have been audited on this memory");
        var buffer = new AuditBuffer(name, _next, bytes, writable, content);
        _next = ModuleImage.AfterBuffer(_next, bytes);
        _buffers.Add(buffer);
        return buffer;
    }

    public void Dispose()
    {
        _arena?.Dispose();
        _arena = null;
    }

    /// <summary>Gets the memory for the kernels of a module; an audit of another module starts anew.</summary>
    internal AuditArena ArenaOf(Module module)
    {
        if (_arena?.Image == module.Image) return _arena;
        _arena?.Dispose();
        return _arena = new AuditArena(module.Image, _buffers);
    }
}
