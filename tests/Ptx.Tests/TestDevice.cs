using System.Runtime.InteropServices;

namespace Broker.Ptx.Tests;

/// <summary>Holds buffers, and runs kernels on them to their end.</summary>
internal sealed class TestDevice : IDisposable
{
    private readonly DeviceMemory _memory = new();
    private readonly List<DeviceBuffer> _buffers = [];

    public void Dispose() => _memory.Dispose();

    public DeviceBuffer Allocate<T>(string name, T[] content, bool writable = true)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(content.AsSpan());
        var buffer = _memory.Allocate(name, bytes.Length, writable);
        buffer.Write(0, bytes);
        _buffers.Add(buffer);
        return buffer;
    }

    public static T[] Read<T>(DeviceBuffer buffer)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(buffer.Span(0, (int)buffer.Bytes)).ToArray();

    /// <summary>Launches a kernel; its arguments are buffers, numbers, or the bytes of structures.</summary>
    public void Run(Module module, string entry, TestLaunch launch, params object[] arguments)
    {
        Assert.Empty(module.CheckSupported());
        var kernel = CompiledKernel.Compile(module, entry);
        Assert.Equal(kernel.Signature.Parameters.Count, arguments.Length);
        var parameters = new byte[kernel.Signature.PackedBytes];
        foreach (var (argument, parameter) in arguments.Zip(kernel.Signature.Parameters))
        {
            var bytes = Pack(argument);
            Assert.Equal(parameter.Bytes, bytes.Length);
            bytes.CopyTo(parameters, parameter.Offset);
        }

        Run(kernel, new KernelLaunch(launch.Grid, launch.Block, launch.SharedBytes, parameters), launch.MaxThreads);
    }

    /// <summary>Runs a launch thread after thread, and in vectors of each size: the bits and the steps are the same.</summary>
    private void Run(CompiledKernel kernel, KernelLaunch launch, int maxThreads)
    {
        var before = _buffers.Select(b => b.Span(0, (int)b.Bytes).ToArray()).ToList();
        List<byte[]>? expected = null;
        long? steps = null;
        foreach (var (lanes, threads) in ((int, int)[])[(1, 1), (8, 1), (16, 1), (16, maxThreads)])
        {
            foreach (var (buffer, content) in _buffers.Zip(before)) buffer.Write(0, content);
            var options = new RunOptions { MaxThreads = threads, Lanes = lanes };
            var outcome = kernel.Run(launch, _memory, options, TestContext.Current.CancellationToken);
            Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
            // Blocks that run at the same time may have to try an atomic again.
            if (threads == 1) Assert.Equal((lanes, steps ??= outcome.Steps), (lanes, outcome.Steps));
            var after = _buffers.Select(b => b.Span(0, (int)b.Bytes).ToArray()).ToList();
            expected ??= after;
            foreach (var ((buffer, content), wanted) in _buffers.Zip(after).Zip(expected))
                Assert.True(content.AsSpan().SequenceEqual(wanted), $"{lanes} lanes differ in '{buffer.Name}' at byte {content.AsSpan().CommonPrefixLength(wanted)}");
        }
    }

    private static byte[] Pack(object argument) => argument switch
    {
        byte[] structure => structure,
        DeviceBuffer buffer => BitConverter.GetBytes(buffer.Address),
        float number => BitConverter.GetBytes(number),
        int number => BitConverter.GetBytes(number),
        ulong number => BitConverter.GetBytes(number),
        _ => BitConverter.GetBytes((uint)argument),
    };
}

/// <summary>Says how large a launch is.</summary>
internal sealed record TestLaunch(Dim3 Grid, Dim3 Block, int SharedBytes = 0, int MaxThreads = 2)
{
    /// <summary>Covers a row of threads with blocks.</summary>
    public static TestLaunch Cover(int threads, int block) => new(new Dim3((uint)((threads + block - 1) / block), 1, 1), new Dim3((uint)block, 1, 1));
}
