using static Broker.Bench.Kernels.BufferData;
using static Broker.Bench.Kernels.KernelStep;

namespace Broker.Bench.Kernels;

/// <summary>Makes the cases that simulate, sort, sum and hash.</summary>
internal static class NumberCases
{
    private const int Threads = 256;

    public static KernelCase Blackscholes()
    {
        const int Count = 32, Paths = 1 << 14;
        var options = new float[Count * 5];
        for (var i = 0; i < Count; i++) ((float[])[100, 80 + i, 0.03f, 0.2f + 0.01f * i, 0.5f + 0.1f * (i % 7)]).CopyTo(options, i * 5);
        object[] buffers = [Output("prices", Count * 4), Input("options", options)];
        return new("blackscholes", 1e-9 * Count * Paths, "G paths/s",
        [
            new("blackscholes", Size(Count), Size(Threads), [.. buffers, (uint)Paths, 42ul]) { ShortArguments = [.. buffers, 1024u, 42ul] },
        ])
        {
            NativeArguments = [.. buffers, (uint)Paths, 42ul, (uint)Count],
        };
    }

    public static KernelCase Nbody()
    {
        const int N = 2048;
        object[] buffers = [Output("moved", N * 16), InPlace("velocities", KernelCases.Floats(N * 4, 1)), Input("bodies", KernelCases.Floats(N * 4, 2))];
        return new("nbody", 20e-9 * N * N, "GFLOP/s",
        [
            new("nbody", Size(N / Threads), Size(Threads), [.. buffers, (uint)N, 0.01f, 0.05f]) { ShortArguments = [.. buffers, (uint)Threads, 0.01f, 0.05f] },
        ]);
    }

    public static KernelCase PrefixSum()
    {
        const int Block = 1024, Blocks = 1024, N = Block * Blocks;
        var values = new uint[N];
        for (var i = 0; i < N; i++) values[i] = (uint)i * 2_654_435_761;
        BufferData scan = Output("scan", N * 4), sums = Output("sums", Blocks * 4), offsets = Output("offsets", Blocks * 4), total = Output("total", 4), input = Input("values", values);
        return new("prefix-sum", 1e-9 * N, "G elements/s",
        [
            new("scan_blocks", Size(Blocks), Size(Threads), scan, sums, input, (uint)N),
            new("scan_blocks", Size(1), Size(Threads), offsets, total, sums, (uint)Blocks),
            new("add_offsets", Size(Blocks), Size(Threads), scan, offsets, (uint)N),
        ])
        {
            NativeArguments = [scan, offsets, sums, total, input, (uint)N],
        };
    }

    public static KernelCase BitonicSort()
    {
        const int Block = 1024, N = 1 << 16;
        var random = new Random(1);
        var keys = new uint[N];
        for (var i = 0; i < N; i++) keys[i] = (uint)random.NextInt64(1L << 32);
        var buffer = InPlace("keys", keys);
        var steps = new List<KernelStep> { new("sort_blocks", Size(N / Block), Size(Block / 2), buffer) };
        for (var size = Block * 2; size <= N; size *= 2)
        {
            for (var reach = size / 2; reach >= Block; reach /= 2) steps.Add(new("merge_far", Size(N / Block), Size(Block / 2), buffer, (uint)size, (uint)reach));
            steps.Add(new("merge_near", Size(N / Block), Size(Block / 2), buffer, (uint)size));
        }

        return new("bitonic-sort", 1e-9 * N, "G keys/s", steps) { NativeArguments = [buffer, (uint)N] };
    }

    public static KernelCase Sha256()
    {
        const int N = 1 << 13;
        var messages = new byte[N * 64];
        new Random(1).NextBytes(messages);
        return new("sha256", 64e-9 * N, "GB/s", [new("sha256", Size(N / Threads), Size(Threads), Output("digests", N * 32), Input("messages", messages), (uint)N)]);
    }
}
