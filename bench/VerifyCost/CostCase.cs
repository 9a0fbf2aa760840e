using System.Numerics;
using System.Runtime.InteropServices;
using Broker.Bench.Kernels;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Tests;

namespace Broker.Bench.VerifyCost;

/// <summary>A job whose verification is measured.</summary>
/// <param name="Name">What figures call it.</param>
/// <param name="Job">The job.</param>
/// <param name="Slices">A part of its grid that stands for all of it: one row of blocks of so many, where all blocks cost the same; 1 where they do not.</param>
/// <param name="Native">Computes its results without the engine, bit for bit; null where only the engine does.</param>
internal sealed record CostCase(string Name, MemoryJob Job, int Slices, Func<MemoryJob, MemoryResult>? Native)
{
    private const int Tile = 16;

    public static IReadOnlyList<(string Name, Func<CostCase> Make)> All { get; } =
    [
        ("sgemm-16-n1024", () => Sgemm("sgemm-16-n1024", 1024, 1)),
        ("sgemm-16-n4096", () => Sgemm("sgemm-16-n4096", 4096, 32)),
        ("raytrace-1080p", () => Raytrace("raytrace-1080p", 1920, 1080)),
        ("raytrace-4k", () => Raytrace("raytrace-4k", 3840, 2160)),
    ];

    /// <summary>The part of the grid that stands for all of it.</summary>
    public Dim3 Slice
    {
        get
        {
            var grid = Job.Document.Steps[0].Grid;
            return new Dim3((uint)grid.X, (uint)(grid.Y / Slices), (uint)grid.Z);
        }
    }

    private static CostCase Sgemm(string name, int n, int slices) => new(
        name,
        MemoryJob.Make(
            KernelJobs.Kernel("sgemm-16"), VerificationMode.Sample,
            [MemoryBuffer.Output("c", 4L * n * n), MemoryBuffer.Input("a", KernelCases.Floats(n * n, 1)), MemoryBuffer.Input("b", KernelCases.Floats(n * n, 2))],
            MemoryJob.Step("sgemm", MemoryJob.Size(n / Tile, n / Tile), MemoryJob.Size(Tile, Tile), "c", "a", "b", (uint)n, (uint)n, (uint)n)),
        slices, job => Multiply(job, n));

    private static CostCase Raytrace(string name, int width, int height)
    {
        var spheres = ImageCases.Raytrace().Buffers.First(buffer => buffer.Name == "spheres").Content;
        return new(
            name,
            MemoryJob.Make(
                KernelJobs.Kernel("raytrace"), VerificationMode.Sample, [MemoryBuffer.Output("pixels", 4L * width * height), MemoryBuffer.Input("spheres", spheres)],
                MemoryJob.Step(
                    "render", MemoryJob.Size((width + Tile - 1) / Tile, (height + Tile - 1) / Tile), MemoryJob.Size(Tile, Tile),
                    "pixels", "spheres", (uint)(spheres.Length / 32), (uint)width, (uint)height)),
            1, null);
    }

    /// <summary>As the kernel does it: each element is a chain of fused products along k.</summary>
    private static MemoryResult Multiply(MemoryJob job, int n)
    {
        var (left, right, bytes) = (job.ContentOf("a"), job.ContentOf("b"), new byte[4L * n * n]);
        var width = 2 * Vector<float>.Count;
        Parallel.For(0, n / width, panel =>
        {
            var a = MemoryMarshal.Cast<byte, float>(left.AsSpan());
            var b = MemoryMarshal.Cast<byte, float>(right.AsSpan());
            var c = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
            for (var row = 0; row < n; row += 4) MultiplyRows(a, b, c, n, row, panel * width);
        });
        return new MemoryResult([("c", bytes)]);
    }

    /// <summary>Four rows of two vectors: what they add up stays in registers.</summary>
    private static void MultiplyRows(Span<float> a, Span<float> b, Span<float> c, int n, int row, int column)
    {
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default, t0 = default, t1 = default, t2 = default, t3 = default;
        for (var k = 0; k < n; k++)
        {
            var (v, w) = (new Vector<float>(b.Slice((k * n) + column)), new Vector<float>(b.Slice((k * n) + column + Vector<float>.Count)));
            Vector<float> a0 = new(a[(row * n) + k]), a1 = new(a[((row + 1) * n) + k]), a2 = new(a[((row + 2) * n) + k]), a3 = new(a[((row + 3) * n) + k]);
            (s0, t0) = (Vector.FusedMultiplyAdd(a0, v, s0), Vector.FusedMultiplyAdd(a0, w, t0));
            (s1, t1) = (Vector.FusedMultiplyAdd(a1, v, s1), Vector.FusedMultiplyAdd(a1, w, t1));
            (s2, t2) = (Vector.FusedMultiplyAdd(a2, v, s2), Vector.FusedMultiplyAdd(a2, w, t2));
            (s3, t3) = (Vector.FusedMultiplyAdd(a3, v, s3), Vector.FusedMultiplyAdd(a3, w, t3));
        }

        ReadOnlySpan<Vector<float>> sums = [s0, t0, s1, t1, s2, t2, s3, t3];
        for (var i = 0; i < sums.Length; i++) sums[i].CopyTo(c.Slice(((row + (i / 2)) * n) + column + (i % 2 * Vector<float>.Count)));
    }
}
