namespace Broker.Cli.Demo.References;

/// <summary>Compares a picture of the scene with <see cref="RaytraceReference"/>'s.</summary>
public sealed class RaytraceCheck
{
    /// <summary>Of 255: rounding alone moves a channel by one level.</summary>
    private const int Levels = 2;

    /// <summary>Edges, where a ray meets or misses by rounding, are a far smaller part of the picture.</summary>
    private const double MostDiffering = 0.001;

    private readonly Lazy<byte[]> _expected;

    public RaytraceCheck()
        : this(new RaytraceReference(RaytraceScene.Spheres, RaytraceScene.Width, RaytraceScene.Height).Render)
    {
    }

    /// <param name="expected">Makes the picture to compare with, once it is needed.</param>
    internal RaytraceCheck(Func<byte[]> expected) => _expected = new Lazy<byte[]>(expected);

    public CheckOutcome Check(ReadOnlySpan<byte> output)
    {
        if (output.Length != RaytraceScene.OutputBytes) return CheckOutcome.WrongSize(RaytraceScene.OutputBytes, output.Length);

        var expected = _expected.Value;
        int pixels = output.Length / 4, differing = 0;
        for (var pixel = 0; pixel < output.Length; pixel += 4)
        {
            for (var channel = pixel; channel < pixel + 4; channel++)
            {
                if (Math.Abs(output[channel] - expected[channel]) <= Levels) continue;
                differing++;
                break;
            }
        }
        return new CheckOutcome(
            differing <= pixels * MostDiffering, string.Create(null, $"{pixels:N0} pixels, {differing:N0} differ by more than {Levels} levels"));
    }
}
