namespace Broker.Verification;

/// <summary>Compares bytes, but for the bits that machines may leave differently.</summary>
internal static class ByteDifference
{
    /// <summary>How much of a difference is shown.</summary>
    public const int ShownBytes = 16;

    /// <summary>The first byte that differs, or -1.</summary>
    /// <param name="expected">What must stand there.</param>
    /// <param name="committed">What stands there; as long.</param>
    /// <param name="unspecified">The bits that may differ; empty for none.</param>
    public static int FindFirst(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> committed, ReadOnlySpan<byte> unspecified)
    {
        for (var start = 0; ;)
        {
            var same = expected[start..].CommonPrefixLength(committed[start..]);
            if (start + same == expected.Length) return -1;
            start += same;
            if (unspecified.IsEmpty || ((expected[start] ^ committed[start]) & ~unspecified[start]) != 0) return start;
            start++;
        }
    }

    /// <summary>Some bytes in hex.</summary>
    public static string Show(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, ShownBytes)]);
}
