using System.Diagnostics;
using System.Runtime.InteropServices;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;

namespace Broker.Ptx;

/// <summary>Holds the buffers that kernels work on, and the variables of the modules that ran on them.</summary>
/// <remarks>Module variables keep their values from launch to launch, as in a CUDA context. A launch sees the buffers that were made before it.</remarks>
public sealed unsafe class DeviceMemory : IDisposable
{
    private readonly List<DeviceBuffer> _buffers = [];
    private readonly Dictionary<ModuleImage, List<(Syntax.Variable Variable, DeviceBuffer Buffer)>> _modules = [];
    private readonly List<nint> _allocations = [];
    private readonly Lock _lock = new();
    private ulong _next = AddressMap.BufferStart;
    private int _runs;
    private bool _disposed;

    ~DeviceMemory() => Free();

    /// <summary>Makes a buffer of zeros. Buffers get their addresses in the order in which they are made, the same on every machine.</summary>
    public DeviceBuffer Allocate(string name, long bytes, bool writable = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var buffer = Allocate(name, bytes, writable, _next);
            _next = ModuleImage.AfterBuffer(_next, bytes);
            _buffers.Add(buffer);
            return buffer;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_runs > 0) throw new InvalidOperationException("a kernel is running on this memory");
            _disposed = true;
        }

        Free();
        GC.SuppressFinalize(this);
    }

    internal bool IsDisposed => _disposed;

    /// <summary>Gets what a module's kernels can reach, and keeps it in being until <see cref="EndRun"/>.</summary>
    internal AddressSpace BeginRun(Module module)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_modules.TryGetValue(module.Image, out var variables)) _modules[module.Image] = variables = Load(module.Image);
            _runs++;
            var constants = variables.Where(v => v.Variable.Space == Syntax.StateSpace.Constant).Select(v => v.Buffer.Range);
            var globals = variables.Where(v => v.Variable.Space == Syntax.StateSpace.Global).Select(v => v.Buffer.Range);
            return new AddressSpace([.. globals, .. _buffers.Select(b => b.Range)], [.. constants]);
        }
    }

    internal void EndRun()
    {
        lock (_lock)
        {
            _runs--;
            Debug.Assert(_runs >= 0);
        }
    }

    private List<(Syntax.Variable, DeviceBuffer)> Load(ModuleImage image)
    {
        var loaded = new List<(Syntax.Variable, DeviceBuffer)>();
        foreach (var (variable, address) in image.Addresses.OrderBy(a => a.Value))
        {
            var buffer = Allocate(variable.Name, variable.Bytes, variable.Space == Syntax.StateSpace.Global, address);
            foreach (var value in image.Values[variable]) buffer.Write(value.Offset, BitConverter.GetBytes(value.Bits).AsSpan(0, value.Bytes));

            loaded.Add((variable, buffer));
        }

        return loaded;
    }

    private DeviceBuffer Allocate(string name, long bytes, bool writable, ulong address)
    {
        const nuint Alignment = 256;
        // Fresh pages come as zeros, so a large buffer costs nothing until it is touched.
        var allocation = (nuint)NativeMemory.AllocZeroed((nuint)bytes + Alignment);
        _allocations.Add((nint)allocation);
        var host = (byte*)((allocation + Alignment - 1) / Alignment * Alignment);
        return new DeviceBuffer(this, new MemoryRange(name, address, (ulong)bytes, host, writable));
    }

    private void Free()
    {
        foreach (var allocation in _allocations) NativeMemory.Free((void*)allocation);
        _allocations.Clear();
    }
}
