using static Broker.Bench.Kernels.BufferData;
using static Broker.Bench.Kernels.KernelStep;

namespace Broker.Bench.Kernels;

/// <summary>Makes the cases that draw.</summary>
internal static class ImageCases
{
    public static KernelCase Mandelbrot()
    {
        const int Width = 512, Height = 384;
        var pixels = Output("iterations", Width * Height * 4);
        return new("mandelbrot", 1e-9 * Width * Height, "Gpixel/s",
        [
            new("mandelbrot", Size(Width / 16, Height / 16), Size(16, 16), pixels, (uint)Width, (uint)Height, -2.2f, 1.2f, 3f / Width, 256u),
        ]);
    }

    public static KernelCase Raytrace()
    {
        const int Width = 256, Height = 144, Spheres = 10;
        var spheres = new float[Spheres * 8];
        for (var i = 0; i < Spheres; i++)
        {
            // Two rows that lie on the floor, every third ball of metal.
            var radius = 0.5f + 0.1f * (i % 5);
            float[] sphere = [-4f + 2f * (i % 5), radius, i < 5 ? 0 : 4, radius, 0.2f + 0.07f * i, 0.5f, 0.9f - 0.07f * i, i % 3 == 0 ? 0.8f : 0.04f];
            sphere.CopyTo(spheres, i * 8);
        }

        var pixels = Output("pixels", Width * Height * 4);
        return new("raytrace", 1e-9 * Width * Height, "Gpixel/s",
        [
            new("render", Size(Width / 16, Height / 16), Size(16, 16), pixels, Input("spheres", spheres), (uint)Spheres, (uint)Width, (uint)Height),
        ]);
    }
}
