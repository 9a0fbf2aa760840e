namespace Broker.Ptx.Tests.Exactness;

/// <summary>Draws operands quickly: those that arithmetic is known to get wrong, and random bits.</summary>
internal sealed class WordPatterns(WordCase test)
{
    private readonly ulong[][] _special = [.. test.Reals.Select(f => f is null ? [] : Patterns.Special(f))];
    private ulong _state = (ulong)test.Name.Aggregate(17L, (hash, c) => hash * 31 + c);

    /// <summary>Fills a batch; the first one starts with all pairs of special numbers.</summary>
    public void Fill(ulong[][] operands, bool first)
    {
        for (var i = 0; i < operands[0].Length; i++)
            for (var operand = 0; operand < operands.Length; operand++)
                operands[operand][i] = test.Reals[operand] is { } format
                    ? DrawReal(format, _special[operand], operand > 0 && test.Widths[0] == test.Widths[operand] ? operands[0][i] : null)
                    : DrawBits(test.Widths[operand]);
        if (!first || test.Reals[0] is null) return;
        var special = _special[0];
        for (var i = 0; i < Math.Min(special.Length * special.Length, operands[0].Length); i++)
            for (var operand = 0; operand < operands.Length; operand++)
                if (test.Reals[operand] is not null)
                    operands[operand][i] = special[(operand switch { 0 => i / special.Length, 1 => i, _ => i / special.Length * 7 + i * 3 }) % special.Length];
    }

    private ulong DrawReal(ReferenceFormat format, ulong[] special, ulong? beside)
    {
        var (random, mask, fraction) = (Next(), format.Sign | (format.Sign - 1), (1ul << format.FractionBits) - 1);
        var sign = (random >> 3 & 1) * format.Sign;
        var small = random >> 4 & 0xffff;
        switch (random & 7)
        {
            case 0: return special[small % (ulong)special.Length];
            // The same number but for its last bits or its sign: sums cancel.
            case 1 when beside is { } near: return (near ^ (small & 3) ^ sign) & mask;
            // So far apart that the smaller decides the rounding alone.
            case 2 when beside is { } far: return (far + (small % (2 * (ulong)format.FractionBits + 5) - (ulong)format.FractionBits - 2 << format.FractionBits)) & mask;
            // Few bits set at either end of the fraction: halfway cases and exact results.
            case 3: return sign | (random >> 20 & ((1ul << format.ExponentBits) - 1)) << format.FractionBits | 1ul << (int)(small % (ulong)format.FractionBits) | (small >> 12 & 1);
            // Exponents in the middle, so that results are finite.
            case 4: return sign | (format.One + (small % 25 - 12 << format.FractionBits)) | (Next() & fraction);
            case 5: return sign | (Next() & fraction);
            default: return Next() & mask;
        }
    }

    private ulong DrawBits(int width)
    {
        var random = Next();
        var drawn = (random & 3) switch
        {
            0 => (random >> 8) % 140 - 70,
            1 => (1ul << (int)((random >> 8) % (ulong)width)) + (random >> 20) % 5 - 2,
            _ => Next(),
        };
        return drawn & ulong.MaxValue >> (64 - width);
    }

    // SplitMix64 (Steele, Lea and Flood, 2014).
    private ulong Next()
    {
        var z = _state += 0x9e37_79b9_7f4a_7c15;
        z = (z ^ z >> 30) * 0xbf58_476d_1ce4_e5b9;
        z = (z ^ z >> 27) * 0x94d0_49bb_1331_11eb;
        return z ^ z >> 31;
    }
}
