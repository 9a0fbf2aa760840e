using Broker.Cli.Demo.References;
using Broker.Cli.Submit;

namespace Broker.Cli.Demo;

/// <summary>A job of the demo: what is sent, and what becomes of its result.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Draft">The document and its content.</param>
/// <param name="Buffer">The buffer that holds the result.</param>
/// <param name="Check">Compares the result with an independent computation.</param>
/// <param name="Picture">The size of the picture that the result is, where it is one.</param>
internal sealed record DemoJob(
    string Name, JobDraft Draft, string Buffer, Func<byte[], CheckOutcome> Check, (int Width, int Height)? Picture = null)
{
    public static async Task<IReadOnlyList<DemoJob>> ReadAllAsync(CancellationToken cancellation)
    {
        // The kernels were published with the program.
        async Task<ProgramFile> ProgramAsync(string file) =>
            await ProgramFile.ReadAsync(Path.Combine(AppContext.BaseDirectory, "kernels", file), cancellation);

        return [Raytrace(await ProgramAsync("raytrace.ptx")), Sgemm(await ProgramAsync("sgemm-16.ptx")), Histogram(await ProgramAsync("histogram.ptx"))];
    }

    private static DemoJob Raytrace(ProgramFile program)
    {
        var check = new RaytraceCheck();
        var launch = new KernelLaunch(
            "render", [120, 68], [16, 16],
            [
                LaunchArgument.Zeros("image", "output", RaytraceScene.OutputBytes),
                LaunchArgument.From("spheres", "input", LocalContent.Of("the scene", RaytraceScene.ToBytes())),
                LaunchArgument.U32(RaytraceScene.Spheres.Count), LaunchArgument.U32(RaytraceScene.Width), LaunchArgument.U32(RaytraceScene.Height),
            ]);
        return new DemoJob(
            "raytrace", launch.Draft("raytrace", program), "image", bytes => check.Check(bytes), (RaytraceScene.Width, RaytraceScene.Height));
    }

    private static DemoJob Sgemm(ProgramFile program)
    {
        const int Blocks = SgemmCheck.Size / 16;
        var check = new SgemmCheck();
        var launch = new KernelLaunch(
            "sgemm", [Blocks, Blocks], [16, 16],
            [
                LaunchArgument.Zeros("c", "output", SgemmCheck.MatrixBytes),
                LaunchArgument.From("a", "input", LocalContent.Of("matrix a", check.A)),
                LaunchArgument.From("b", "input", LocalContent.Of("matrix b", check.B)),
                LaunchArgument.U32(SgemmCheck.Size), LaunchArgument.U32(SgemmCheck.Size), LaunchArgument.U32(SgemmCheck.Size),
            ]);
        return new DemoJob("sgemm", launch.Draft("sgemm", program), "c", bytes => check.Check(bytes));
    }

    private static DemoJob Histogram(ProgramFile program)
    {
        var check = new HistogramCheck();
        var launch = new KernelLaunch(
            "histogram", [256], [256],
            [
                LaunchArgument.Zeros("bins", "output", HistogramCheck.OutputBytes),
                LaunchArgument.From("bytes", "input", LocalContent.Of("random bytes", check.Input)),
                LaunchArgument.U32(HistogramCheck.InputBytes),
            ]);
        return new DemoJob("histogram", launch.Draft("histogram", program), "bins", bytes => check.Check(bytes));
    }
}
