using static System.MathF;

namespace Broker.Ptx.Tests;

/// <summary>Says in C# what some of <c>exact_math.cuh</c> says in CUDA C: what kernels that call it must give bit for bit.</summary>
internal static class ExactReference
{
    public static float Exp(float x)
    {
        x = x < -110 ? -110 : x > 90 ? 90 : x;
        var n = Round(FusedMultiplyAdd(x, 1.44269502f, 12582912f) - 12582912f);
        var r = FusedMultiplyAdd(n, -1.42860677e-06f, FusedMultiplyAdd(n, -0.693145752f, x));
        return (float)Math.ScaleB(Horner(r, 0.00138207979f, 0.00836925022f, 0.041668281f, 0.166665167f, 0.49999994f, 1, 1), (int)n);
    }

    public static float Log(float x)
    {
        var shift = (BitConverter.SingleToInt32Bits(x) - 0x3f2aaaab) & unchecked((int)0xff800000);
        var f = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(x) - shift) - 1;
        var p = Horner(f, -0.128890693f, 0.139868975f, -0.121848933f, 0.140053064f, -0.166804388f, 0.20010446f, -0.249997988f, 0.333332151f, -0.5f);
        var (exponent, rest) = (shift >> 23, f * f * p);
        var high = f + rest;
        return FusedMultiplyAdd(exponent, 0.693147182f, high) + FusedMultiplyAdd(exponent, -1.90465421e-9f, f - high + rest);
    }

    public static float Sin(float r) => FusedMultiplyAdd(Horner(r * r, 2.83253962e-06f, -0.000198530659f, 0.0083333794f, -0.166666672f), r * r * r, r);

    public static float Cos(float r) => Horner(r * r, 2.44321091e-05f, -0.00138873083f, 0.0416666456f, -0.5f, 1);

    /// <summary>Adds up as a block of 256 threads does.</summary>
    public static T BlockCombine<T>(T[] values, T start, Func<T, T, T> combine)
    {
        var parts = Enumerable.Repeat(start, 256).ToArray();
        for (var i = 0; i < values.Length; i++) parts[i % 256] = combine(parts[i % 256], values[i]);
        for (var half = 128; half > 0; half /= 2)
            for (var i = 0; i < half; i++)
                parts[i] = combine(parts[i], parts[i + half]);
        return parts[0];
    }

    private static float Horner(float x, params ReadOnlySpan<float> coefficients)
    {
        var value = coefficients[0];
        foreach (var coefficient in coefficients[1..]) value = FusedMultiplyAdd(value, x, coefficient);
        return value;
    }
}
