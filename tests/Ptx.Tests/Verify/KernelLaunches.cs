using Broker.Ptx.Verify;

namespace Broker.Ptx.Tests.Verify;

/// <summary>Gives each kernel of the repository a launch with ragged edges.</summary>
internal static class KernelLaunches
{
    /// <param name="entry">The kernel.</param>
    /// <param name="short4">Whether the output lacks its last four bytes.</param>
    public static (KernelLaunch Launch, IReadOnlyList<LaunchPointer> Pointers) Of(string entry, bool short4 = false)
    {
        var missing = short4 ? 4 : 0;
        return entry switch
        {
            "saxpy" => Make(new Dim3(40, 1, 1), new Dim3(256, 1, 1), Out(40_000 - missing), In(40_000), 10_000u, 2f),
            "sgemm-64" => Make(new Dim3(3, 2, 1), new Dim3(16, 16, 1), Out(100 * 130 * 4 - missing), In(100 * 30 * 4), In(30 * 130 * 4), 100u, 130u, 30u),
            "igemm" => Make(new Dim3(7, 4, 1), new Dim3(16, 16, 1), Out(50 * 100 * 4 - missing), In(50 * 32 * 4), In(32 * 100 * 4), 50u, 100u, 32u),
            "conv2d" => Make(new Dim3(3, 2, 2), new Dim3(16, 16, 1), Out(2 * 40 * 30 * 4 - missing), In(3 * 40 * 30 * 4), In(1024), 3u, 40u, 30u),
            "softmax" => Make(new Dim3(5, 1, 1), new Dim3(256, 1, 1), Out(20_000 - missing), In(20_000), 1000u),
            "layernorm" => Make(new Dim3(5, 1, 1), new Dim3(256, 1, 1), Out(20_000 - missing), In(20_000), In(4000), In(4000), 1000u, 1e-5f),
            "attention_naive" or "attention_tiled" => Make(new Dim3(2, 1, 1), new Dim3(64, 1, 1), Out(96 * 64 * 4 - missing), In(96 * 64 * 4), In(96 * 64 * 4), In(96 * 64 * 4), 96u),
            "sgd" => Make(new Dim3(40, 1, 1), new Dim3(256, 1, 1), Out(40_000 - missing), Out(40_000), In(40_000), 10_000u, 1f, 1f, 1f),
            "adam" => Make(new Dim3(40, 1, 1), new Dim3(256, 1, 1), Out(40_000 - missing), Out(40_000), Out(40_000), In(40_000), 10_000u, 1f, 1f, 1f, 1f, 1f, 1f),
            "blackscholes" => Make(new Dim3(5, 1, 1), new Dim3(256, 1, 1), Out(5 * 8 - missing), In(5 * 64), 2048u, 7ul),
            "nbody" => Make(new Dim3(2, 1, 1), new Dim3(256, 1, 1), Out(512 * 16 - missing), Out(512 * 16), In(512 * 16), 512u, 0.1f, 0.1f),
            "scan_blocks" => Make(new Dim3(5, 1, 1), new Dim3(256, 1, 1), Out(20_000 - missing), Out(20), In(20_000), 5000u),
            "add_offsets" => Make(new Dim3(5, 1, 1), new Dim3(256, 1, 1), Out(20_000 - missing), In(20), 5000u),
            "sort_blocks" => Make(new Dim3(4, 1, 1), new Dim3(512, 1, 1), Out(16_384 - missing)),
            "merge_far" => Make(new Dim3(4, 1, 1), new Dim3(512, 1, 1), Out(16_384 - missing), 4096u, 2048u),
            "merge_near" => Make(new Dim3(4, 1, 1), new Dim3(512, 1, 1), Out(16_384 - missing), 4096u),
            "sha256" => Make(new Dim3(4, 1, 1), new Dim3(256, 1, 1), Out(1000 * 32 - missing), In(64_000), 1000u),
            "sgemm" => Make(new Dim3(7, 4, 1), new Dim3(16, 16, 1), Out(50 * 100 * 4 - missing), In(50 * 30 * 4), In(30 * 100 * 4), 50u, 100u, 30u),
            "mandelbrot" => Make(new Dim3(4, 7, 1), new Dim3(32, 8, 1), Out(100 * 50 * 4 - missing), 100u, 50u, -2f, 1f, 0.02f, 100u),
            "render" => Make(new Dim3(3, 4, 1), new Dim3(16, 8, 1), Out(40 * 30 * 4 - missing), In(64), 2u, 40u, 30u),
            "reduce_float" => Make(new Dim3(5, 1, 1), new Dim3(256, 1, 1), Out(20 - missing), In(40_000), 10_000u),
            "reduce_uint" => Make(new Dim3(5, 1, 1), new Dim3(256, 1, 1), Out(8), In(40_000), 10_000u),
            "exact_math" => Make(new Dim3(40, 1, 1), new Dim3(256, 1, 1), Out(40_000 - missing), In(40_000), 10_000u, 6u),
            "histogram" => Make(new Dim3(5, 1, 1), new Dim3(256, 1, 1), Out(1024), In(9999), 9999u),
            _ => throw new ArgumentException(entry, nameof(entry)),
        };
    }

    private static LaunchBuffer Out(long bytes) => new("out", bytes, true);

    private static LaunchBuffer In(long bytes) => new("in", bytes, false);

    private static (KernelLaunch, IReadOnlyList<LaunchPointer>) Make(Dim3 grid, Dim3 block, params object[] arguments)
    {
        var (parameters, pointers) = (new List<byte>(), new List<LaunchPointer>());
        foreach (var argument in arguments)
        {
            if (argument is LaunchBuffer buffer)
            {
                pointers.Add(new LaunchPointer(parameters.Count, buffer with { Name = $"{buffer.Name}{pointers.Count}" }));
                parameters.AddRange(new byte[8]);
            }
            else
            {
                var bytes = argument switch { float number => BitConverter.GetBytes(number), ulong wide => BitConverter.GetBytes(wide), _ => BitConverter.GetBytes((uint)argument) };
                while (parameters.Count % bytes.Length != 0) parameters.Add(0);
                parameters.AddRange(bytes);
            }
        }

        return (new KernelLaunch(grid, block, 0, parameters.ToArray()), pointers);
    }
}
