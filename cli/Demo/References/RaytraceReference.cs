using System.Numerics;

namespace Broker.Cli.Demo.References;

/// <summary>Draws the scene of <c>kernels/raytrace.cu</c> a second way: in C#, on this machine, sharing none of its code.</summary>
/// <remarks>
/// Nothing is fused here and the kernel fuses, so the two agree to rounding, not to the bit: where a ray just meets or misses
/// an edge, a pixel may differ visibly. <see cref="RaytraceCheck"/> allows for that.
/// </remarks>
public sealed class RaytraceReference(IReadOnlyList<Sphere> spheres, int width, int height)
{
    private static readonly Vector3 Eye = new(0, 1.7f, -8);
    private static readonly Vector3 Sun = new(-0.48f, 0.64f, -0.6f);
    private static readonly Vector3 Horizon = new(0.50f, 0.58f, 0.70f);
    private static readonly Vector2[] Samples = [new(3, 1), new(5, 7), new(1, 5), new(7, 3)];

    private readonly Sphere[] _spheres = [.. spheres];

    /// <summary>RGBA bytes, row-major from the top left.</summary>
    public byte[] Render()
    {
        var pixels = new byte[width * height * 4];
        Parallel.For(0, height, row =>
        {
            for (var column = 0; column < width; column++)
            {
                var colour = Pixel(new Vector2(column, row)) * 255 + new Vector3(0.5f);
                var pixel = pixels.AsSpan((row * width + column) * 4, 4);
                (pixel[0], pixel[1], pixel[2], pixel[3]) = ((byte)colour.X, (byte)colour.Y, (byte)colour.Z, 255);
            }
        });
        return pixels;
    }

    private Vector3 Pixel(Vector2 corner)
    {
        Vector3 At(int i) => Display(Trace(Eye, Direction(corner + Samples[i] / 8), bounce: 0, Vector3.One));

        Vector3 first = At(0), second = At(1);
        var apart = Vector3.Abs(first - second);
        return Largest(apart) > 0.06f ? (first + second + At(2) + At(3)) / 4 : (first + second) / 2;
    }

    private Vector3 Direction(Vector2 at)
    {
        var scale = 0.66f / height;
        return Vector3.Normalize(new Vector3((at.X - width / 2f) * scale, (height / 2f - at.Y) * scale - 0.12f, 1));
    }

    /// <summary>The light that comes against the ray, times the weight that it will have in the pixel.</summary>
    private Vector3 Trace(Vector3 origin, Vector3 ray, int bounce, Vector3 weight)
    {
        if (bounce == 3 || Nearest(origin, ray) is not var (distance, sphere)) return weight * Sky(ray);

        var point = origin + ray * distance;
        var surface = sphere is { } s
            ? new Surface(Vector3.Normalize(point - s.Centre), s.Colour, s.Reflectivity, 1 - s.Reflectivity)
            : new Surface(Vector3.UnitY, Checker(point, distance), 0.05f, 0.3f);
        var haze = sphere is null ? distance * distance / (distance * distance + 2500) : 0;

        var facing = Math.Clamp(-Vector3.Dot(ray, surface.Normal), 0, 1);
        var mirrored = surface.Reflectivity + surface.Grazing * MathF.Pow(1 - facing, 5);
        var above = point + surface.Normal * 1e-3f;
        var light = surface.Colour * Light(above, surface.Normal, openSky: bounce > 0);

        var here = weight * (1 - haze);
        var mirror = here * Vector3.Lerp(Vector3.One, surface.Colour, surface.Reflectivity) * mirrored;
        var result = weight * Horizon * haze + here * light * (1 - mirrored);
        return Largest(mirror) < 0.01f ? result : result + Trace(above, ray + surface.Normal * (2 * facing), bounce + 1, mirror);
    }

    private (float Distance, Sphere? Sphere)? Nearest(Vector3 origin, Vector3 ray)
    {
        (float Distance, Sphere? Sphere)? nearest = null;
        if (ray.Y < 0 && -origin.Y / ray.Y < 1e6f) nearest = (-origin.Y / ray.Y, null);
        foreach (var sphere in _spheres)
        {
            var along = Vector3.Dot(sphere.Centre - origin, ray);
            var aside = sphere.Centre - origin - ray * along;
            var depth = sphere.Radius * sphere.Radius - aside.LengthSquared();
            if (along <= 0 || depth <= 0) continue;
            var distance = along - MathF.Sqrt(depth);
            if (distance > 0 && distance < (nearest?.Distance ?? 1e6f)) nearest = (distance, sphere);
        }
        return nearest;
    }

    private Vector3 Light(Vector3 point, Vector3 normal, bool openSky)
    {
        float sun = MathF.Max(Vector3.Dot(normal, Sun), 0), open = 1;
        foreach (var sphere in _spheres)
        {
            var toward = sphere.Centre - point;
            var along = Vector3.Dot(toward, Sun);
            if (along > 0 && sun > 0)
            {
                var apart = (toward - Sun * along).Length();
                var seen = Math.Clamp((apart - sphere.Radius) / (0.14f * along) + 0.5f, 0, 1);
                sun *= seen * seen * (3 - 2 * seen);
            }
            var facing = Vector3.Dot(toward, normal);
            if (facing > 0 && !openSky)
                open *= 1 - Math.Clamp(facing * sphere.Radius * sphere.Radius / MathF.Pow(toward.Length(), 3), 0, 1);
        }
        return new Vector3(1.5f, 1.34f, 1.1f) * sun
            + new Vector3(0.22f, 0.28f, 0.38f) * ((0.5f + normal.Y / 2) * open)
            + new Vector3(0.11f, 0.10f, 0.09f) * (0.5f - normal.Y / 2);
    }

    private static Vector3 Sky(Vector3 ray)
    {
        var below = 1 - Math.Clamp(ray.Y, 0, 1);
        var towardSun = MathF.Max(Vector3.Dot(ray, Sun), 0);
        var glow = 0.35f * Power(towardSun, 5) + 24 * Power(towardSun, 10);
        return Vector3.Lerp(new(0.03f, 0.12f, 0.38f), Horizon, below * below * below) + new Vector3(1, 0.85f, 0.6f) * glow;
    }

    private static Vector3 Checker(Vector3 point, float distance)
    {
        var dark = (((int)MathF.Floor(point.X) + (int)MathF.Floor(point.Z)) & 1) != 0;
        var square = dark ? new Vector3(0.04f, 0.04f, 0.06f) : new Vector3(0.56f, 0.54f, 0.50f);
        return Vector3.Lerp(new(0.30f, 0.29f, 0.28f), square, 40 / (40 + distance * distance * 0.12f));
    }

    private static Vector3 Display(Vector3 light)
    {
        var film = light * (2.51f * light + new Vector3(0.03f)) / (light * (2.43f * light + new Vector3(0.59f)) + new Vector3(0.14f));
        return Vector3.SquareRoot(Vector3.Clamp(film, Vector3.Zero, Vector3.One));
    }

    /// <summary>x to the power 2^doublings.</summary>
    private static float Power(float x, int doublings) => doublings == 0 ? x : Power(x * x, doublings - 1);

    private static float Largest(Vector3 v) => MathF.Max(v.X, MathF.Max(v.Y, v.Z));

    private readonly record struct Surface(Vector3 Normal, Vector3 Colour, float Reflectivity, float Grazing);
}
