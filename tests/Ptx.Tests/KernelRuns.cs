using System.Runtime.InteropServices;

namespace Broker.Ptx.Tests;

/// <summary>Runs the repository's own kernels.</summary>
public abstract class KernelRuns : IDisposable
{
    private readonly TestDevice _device = new();

    public void Dispose()
    {
        _device.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void Run(string file, string entry, Dim3 grid, Dim3 block, params object[] arguments) =>
        Run(file, entry, new TestLaunch(grid, block), arguments);

    private protected void Run(string file, string entry, TestLaunch launch, params object[] arguments) =>
        _device.Run(Module.Parse(Repository.Kernel(file + ".ptx")), entry, launch, arguments);

    private protected DeviceBuffer Allocate<T>(string name, T[] content, bool writable = true)
        where T : unmanaged => _device.Allocate(name, content, writable);

    private protected DeviceBuffer Input<T>(params T[] content)
        where T : unmanaged => _device.Allocate("input", content, writable: false);

    private protected static Dim3 Size(int x, int y = 1, int z = 1) => new((uint)x, (uint)y, (uint)z);

    private protected static float[] Floats(int count, Func<int, float> value) => [.. Enumerable.Range(0, count).Select(value)];

    /// <summary>Numbers in [-1, 1) with 16 random bits.</summary>
    private protected static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return Floats(count, _ => random.Next(-32768, 32768) / 32768f);
    }

    private protected static T[] Random<T>(int count, int seed)
        where T : unmanaged
    {
        var values = new T[count];
        new Random(seed).NextBytes(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
