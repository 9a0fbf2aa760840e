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
            else parameters.AddRange(argument is float number ? BitConverter.GetBytes(number) : BitConverter.GetBytes((uint)argument));
        }

        return (new KernelLaunch(grid, block, 0, parameters.ToArray()), pointers);
    }
}
