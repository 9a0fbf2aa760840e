using System.Runtime.InteropServices;

namespace Broker.Bench.Kernels;

/// <summary>Runs a case as native code, on one core: <c>extern "C" void run(const Arguments *)</c>.</summary>
internal sealed unsafe class NativeRun : Contender
{
    private readonly nint _library;
    private readonly delegate* unmanaged<byte*, void> _run;
    private readonly Dictionary<BufferData, nint> _buffers = [];
    private readonly byte[] _arguments;

    public NativeRun(KernelCase kernel, string library)
        : base(kernel)
    {
        const nuint Alignment = 256;
        _library = NativeLibrary.Load(library);
        _run = (delegate* unmanaged<byte*, void>)NativeLibrary.GetExport(_library, "run");
        foreach (var buffer in kernel.Buffers)
        {
            _buffers[buffer] = (nint)NativeMemory.AlignedAlloc((nuint)buffer.Content.Length, Alignment);
            buffer.Content.CopyTo(Memory(buffer));
        }

        _arguments = PackedArguments.Pack(kernel.NativeArguments, buffer => (ulong)_buffers[buffer]);
    }

    public override Span<byte> Memory(BufferData buffer) => new((void*)_buffers[buffer], buffer.Content.Length);

    protected override void Run()
    {
        fixed (byte* arguments = _arguments) _run(arguments);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var buffer in _buffers.Values) NativeMemory.AlignedFree((void*)buffer);
        NativeLibrary.Free(_library);
    }
}
