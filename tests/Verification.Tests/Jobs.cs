using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Tests;
using static Broker.Tests.MemoryBuffer;
using static Broker.Tests.MemoryJob;

namespace Broker.Verification.Tests;

/// <summary>Jobs on the kernels of the repository, with ragged edges, and the check of what they leave.</summary>
internal static class Jobs
{
    /// <summary>NaNs with and without payloads, infinities, subnormals and zeros of both signs among ordinary numbers.</summary>
    private static readonly float[] Odd =
    [
        float.NaN, BitConverter.UInt32BitsToSingle(0x7fc1_2345), BitConverter.UInt32BitsToSingle(0xffa0_0001), float.PositiveInfinity, float.NegativeInfinity,
        float.Epsilon, -float.Epsilon, 1.1e-38f, 0f, -0f, float.MaxValue, float.MinValue,
    ];

    public static IReadOnlyList<string> Names { get; } = ["saxpy", "saxpy-odd", "sgemm-16", "sgemm-16-odd", "mandelbrot", "raytrace", "reduce", "softmax", "histogram"];

    public static string Kernel(string name) => File.ReadAllText(Path.Combine(Repository.Root, "kernels", name + ".ptx"));

    public static MemoryJob Make(string name, VerificationMode mode = VerificationMode.Full) => name switch
    {
        "saxpy" => Saxpy(Floats(10_000, 1), mode),
        "saxpy-odd" => Saxpy(OddFloats(10_000), mode),
        "sgemm-16" => Sgemm(Floats, mode),
        "sgemm-16-odd" => Sgemm((count, _) => OddFloats(count), mode),
        "mandelbrot" => MemoryJob.Make(Kernel("mandelbrot"), mode, [Output("out", 100 * 50 * 4)], Step("mandelbrot", Size(4, 7), Size(32, 8), "out", 100u, 50u, -2f, 1f, 0.02f, 60u)),
        "raytrace" => MemoryJob.Make(
            Kernel("raytrace"), mode, [Output("pixels", 40 * 30 * 4), Input("spheres", [-1f, 0.5f, 0, 0.5f, 0.8f, 0.5f, 0.3f, 0.8f, 1f, 0.5f, 1, 0.5f, 0.2f, 0.5f, 0.9f, 0.04f])],
            Step("render", Size(3, 4), Size(16, 8), "pixels", "spheres", 2u, 40u, 30u)),
        "reduce" => MemoryJob.Make(Kernel("reduce"), mode, [Output("sums", 20), Input("values", Floats(10_000, 3))], Step("reduce_float", Size(5), Size(256), "sums", "values", 10_000u)),
        "softmax" => MemoryJob.Make(Kernel("softmax"), mode, [Output("y", 20_000), Input("x", Floats(5000, 4))], Step("softmax", Size(5), Size(256), "y", "x", 1000u)),
        "histogram" => MemoryJob.Make(Kernel("histogram"), mode, [Output("bins", 1024), Input("bytes", Bytes(9999))], Step("histogram", Size(5), Size(256), "bins", "bytes", 9999u)),
        _ => throw new ArgumentException(name, nameof(name)),
    };

    /// <summary>A job of a small program: four blocks of 32 threads, and a buffer that is larger than what they write.</summary>
    /// <param name="body">What each thread does; it finds its number in <c>%i</c>, its place in <c>%at</c>, its float in <c>%f</c>.</param>
    /// <param name="mode">How the result is verified.</param>
    /// <param name="bytes">The output's size.</param>
    /// <param name="repeat">How often it is launched.</param>
    public static MemoryJob Small(string body, VerificationMode mode = VerificationMode.Full, long bytes = 4 * 4096 + 100, int repeat = 1) => MemoryJob.Make(
        $$"""
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry test(.param .u64 out, .param .u64 in)
        {
        .reg .pred %p;
        .reg .u32 %r<9>, %tx, %i;
        .reg .u64 %out, %in, %at, %from, %rd<9>;
        .reg .f32 %f, %g;
        .shared .align 4 .b8 tile[128];
        ld.param.u64 %out, [out];
        ld.param.u64 %in, [in];
        mov.u32 %tx, %tid.x;
        mov.u32 %r0, %ctaid.x;
        mov.u32 %r1, %ntid.x;
        mad.lo.u32 %i, %r0, %r1, %tx;
        mad.wide.u32 %at, %i, 4, %out;
        mad.wide.u32 %from, %i, 4, %in;
        ld.global.f32 %f, [%from];
        {{body}}
        ret;
        }
        """,
        mode, [Output("out", bytes), Input("in", Floats(128, 9))], Step("test", Size(4), Size(32), "out", "in") with { Repeat = repeat });

    /// <summary>Commits to a result and has it checked.</summary>
    public static async Task<Verdict> CheckAsync(MemoryJob job, MemoryResult result, int seed = 1, RunOptions? options = null, Func<IReexecution, IReexecution>? through = null, bool commit = true)
    {
        var statement = Say(job, result, commit);
        using var reexecution = job.Reexecution(options);
        return await new ResultCheck(job.Document, job.Program, statement, Digest.Of([(byte)seed]), through?.Invoke(reexecution) ?? reexecution, result, job)
            .RunAsync(TestContext.Current.CancellationToken);
    }

    public static Statement Say(MemoryJob job, MemoryResult result, bool commit = true)
    {
        var roots = result.Copy().Commit();
        return new Statement
        {
            Job = JobId.Derive(AccountId.Parse("alice"), "1"),
            JobHash = JobHash.Of(job.Document),
            Replica = 0,
            Attempt = 1,
            Run = "run00001",
            Worker = WorkerId.Derive(AccountId.Parse("bob"), "1"),
            SeedCommit = default,
            Buffers = commit ? result.Commit() : roots,
            Usage = new Usage(1, 1, "cpu", 1),
        };
    }

    public static float[] Floats(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static MemoryJob Saxpy(float[] x, VerificationMode mode) =>
        MemoryJob.Make(Kernel("saxpy"), mode, [Inout("y", Floats(10_000, 2)), Input("x", x)], Step("saxpy", Size(40), Size(256), "y", "x", 10_000u, 2.5f));

    private static MemoryJob Sgemm(Func<int, int, float[]> values, VerificationMode mode) => MemoryJob.Make(
        Kernel("sgemm-16"), mode, [Output("c", 50 * 100 * 4), Input("a", values(50 * 30, 1)), Input("b", values(30 * 100, 2))],
        Step("sgemm", Size(7, 4), Size(16, 16), "c", "a", "b", 50u, 100u, 30u));

    private static float[] OddFloats(int count)
    {
        var values = Floats(count, 7);
        for (var i = 0; i < count; i += 3) values[i] = Odd[i / 3 % Odd.Length];
        return values;
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(5).NextBytes(bytes);
        return bytes;
    }
}
