using System.Runtime.InteropServices;

namespace Broker.Cli.Demo.References;

/// <summary>The picture that the ray tracing job draws.</summary>
public static class RaytraceScene
{
    public const int Width = 1920;
    public const int Height = 1080;
    public const int OutputBytes = Width * Height * 4;

    public static IReadOnlyList<Sphere> Spheres { get; } =
    [
        new(new(0.05f, 1.25f, 1.2f), 1.25f, new(0.93f, 0.94f, 0.97f), 0.82f),   // chrome
        new(new(-2.35f, 0.85f, -0.1f), 0.85f, new(1.00f, 0.62f, 0.16f), 0.60f), // gold
        new(new(2.3f, 0.8f, -0.3f), 0.8f, new(0.62f, 0.02f, 0.02f), 0.06f),     // red
        new(new(1.05f, 0.42f, -2.1f), 0.42f, new(0.01f, 0.26f, 0.34f), 0.10f),  // teal
        new(new(-0.95f, 0.36f, -2.3f), 0.36f, new(0.80f, 0.78f, 0.74f), 0.06f), // white
        new(new(3.9f, 1.15f, 2.6f), 1.15f, new(0.16f, 0.05f, 0.40f), 0.12f),    // violet
        new(new(-4.3f, 1.2f, 3.0f), 1.2f, new(0.03f, 0.26f, 0.07f), 0.08f),     // green
        new(new(0.1f, 0.22f, -3.0f), 0.22f, new(1.00f, 0.24f, 0.01f), 0.08f),   // orange
        new(new(-2.9f, 0.28f, -2.0f), 0.28f, new(0.02f, 0.08f, 0.50f), 0.10f),  // blue
    ];

    /// <summary>The kernel's input buffer: eight floats a sphere, in the order of the record.</summary>
    public static byte[] ToBytes()
    {
        var floats = Spheres.SelectMany(s => (float[])
            [s.Centre.X, s.Centre.Y, s.Centre.Z, s.Radius, s.Colour.X, s.Colour.Y, s.Colour.Z, s.Reflectivity]);
        return MemoryMarshal.AsBytes<float>(floats.ToArray()).ToArray();
    }
}
