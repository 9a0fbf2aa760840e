using Broker.Cli.Demo.References;

namespace Broker.Cli.Tests.Demo.References;

public sealed class RaytraceCheckTests
{
    /// <summary>A thousandth of the pixels: so many edges may fall the other way by rounding.</summary>
    private const int MostDiffering = RaytraceScene.Width * RaytraceScene.Height / 1000;

    // The comparison is what can go wrong here, and any picture will do for it: drawing the scene twice takes seconds.
    private static readonly byte[] Right = Noise();
    private static readonly RaytraceCheck Raytrace = new(() => Right);

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(RaytraceScene.Width * RaytraceScene.Height, 2, true)]
    [InlineData(RaytraceScene.Width * RaytraceScene.Height, 3, false)]
    [InlineData(MostDiffering, 3, true)]
    [InlineData(MostDiffering + 1, 3, false)]
    public void It_passes_with_so_many_pixels_so_many_levels_off(int pixels, int levels, bool passes)
    {
        var picture = (byte[])Right.Clone();
        for (var i = 0; i < pixels; i++)
        {
            var at = (i * 4) + (i % 4);
            picture[at] += (byte)(picture[at] < 128 ? levels : -levels);
        }

        var outcome = Raytrace.Check(picture);
        Assert.True(outcome.Passed == passes, outcome.Text);
    }

    [Fact]
    public void A_row_too_low_is_another_picture()
    {
        const int Row = RaytraceScene.Width * 4;
        var moved = new byte[Right.Length];
        Right.AsSpan(0, Right.Length - Row).CopyTo(moved.AsSpan(Row));
        Assert.False(Raytrace.Check(moved).Passed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(RaytraceScene.OutputBytes - 4)]
    [InlineData(RaytraceScene.OutputBytes + 4)]
    public void Another_length_is_refused(int bytes)
    {
        var output = new byte[bytes];
        Right.AsSpan(0, Math.Min(bytes, Right.Length)).CopyTo(output);
        var outcome = Raytrace.Check(output);
        Assert.False(outcome.Passed);
        Assert.Contains("8,294,400 were due", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_reference_draws_what_the_scene_holds()
    {
        static byte[] Draw(IEnumerable<Sphere> spheres) => new RaytraceReference([.. spheres], 96, 54).Render();
        var scene = Draw(RaytraceScene.Spheres);
        Assert.Equal(scene, Draw(RaytraceScene.Spheres));
        for (var missing = 0; missing < RaytraceScene.Spheres.Count; missing++)
            Assert.NotEqual(scene, Draw(RaytraceScene.Spheres.Where((_, i) => i != missing)));
    }

    private static byte[] Noise()
    {
        var picture = new byte[RaytraceScene.OutputBytes];
        new SeededNumbers(1).Fill(picture);
        return picture;
    }
}
