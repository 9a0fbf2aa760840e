namespace Broker.Ptx.Tests.Exactness;

/// <summary>Draws operands: those that arithmetic is known to get wrong, and random bits.</summary>
internal sealed class Patterns(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Draws the operands of one element.</summary>
    public void Draw(ExactCase test, ulong[] operands)
    {
        for (var i = 0; i < operands.Length; i++)
            operands[i] = test.Formats[i] is { } format ? DrawReal(format, i == 0 ? null : operands[0]) : DrawBits(test.Widths[i]);
    }

    private ulong DrawReal(ReferenceFormat format, ulong? beside)
    {
        var mask = format.Sign | (format.Sign - 1);
        switch (_random.Next(8))
        {
            case 0: return Special(format)[_random.Next(Special(format).Length)];
            case 1 when beside is { } near:
                // The same number but for its last bits or its sign: sums cancel.
                return (near ^ (uint)_random.Next(4) ^ (_random.Next(2) == 0 ? format.Sign : 0)) & mask;
            case 2 when beside is { } far:
                // So far apart that the smaller decides the rounding alone.
                return (far + ((ulong)_random.Next(2 * format.FractionBits + 3) << format.FractionBits) - ((ulong)(format.FractionBits + 1) << format.FractionBits)) & mask;
            case 3:
                // Few bits set at either end of the fraction: halfway cases and exact results.
                return (format.Sign * (uint)_random.Next(2)) | Exponent(format) | (1ul << _random.Next(format.FractionBits)) | (uint)_random.Next(2);
            case 4:
                // Exponents in the middle, so that results are finite.
                return (format.Sign * (uint)_random.Next(2)) | (format.One + ((ulong)_random.Next(-12, 13) << format.FractionBits)) | Fraction(format);
            case 5: return (format.Sign * (uint)_random.Next(2)) | Fraction(format);
            default: return (ulong)_random.NextInt64() * 2 + (uint)_random.Next(2) & mask;
        }
    }

    private ulong DrawBits(int width)
    {
        var mask = ulong.MaxValue >> (64 - width);
        return mask & _random.Next(4) switch
        {
            0 => (ulong)_random.Next(-70, 70),
            1 => (1ul << _random.Next(width)) + (ulong)_random.Next(-2, 3),
            _ => (ulong)_random.NextInt64() * 2 + (uint)_random.Next(2),
        };
    }

    private ulong Exponent(ReferenceFormat format) => (ulong)_random.Next(1 << format.ExponentBits) << format.FractionBits;

    private ulong Fraction(ReferenceFormat format) => (ulong)_random.NextInt64() & ((1ul << format.FractionBits) - 1);

    /// <summary>Lists zeros, the ends of the subnormal and normal numbers, infinities, NaNs, and numbers about one, with both signs.</summary>
    public static ulong[] Special(ReferenceFormat format)
    {
        var hidden = 1ul << format.FractionBits;
        ulong[] positive =
        [
            0, 1, 2, 3, hidden / 2, hidden - 1, hidden, hidden + 1, format.One - 1, format.One, format.One + 1, format.One + hidden, format.One + hidden / 2,
            format.One - hidden, format.Infinity - hidden, format.Infinity - 2, format.Infinity - 1, format.Infinity, format.Infinity + 1, format.NaN, format.NaN - 1,
        ];
        return [.. positive, .. positive.Select(p => p | format.Sign)];
    }
}
