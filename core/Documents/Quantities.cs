using System.Globalization;

namespace Broker.Core.Documents;

/// <summary>Numbers with units, as people write them: <c>2GB</c>, <c>10m</c>, <c>0.10/h</c>.</summary>
public static class Quantities
{
    /// <summary>What <see cref="TryParseBytes"/> reads, for an error message.</summary>
    public const string BytesRule = "a number of bytes, or a number with B, KB, MB, GB or TB (powers of 1024) such as \"2GB\"";

    /// <summary>What <see cref="TryParseDuration"/> reads, for an error message.</summary>
    public const string DurationRule = "a number with ms, s, m, h or d such as \"10m\"";

    private static readonly (string Unit, long Bytes)[] ByteUnits =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1L << 10), ("MB", 1L << 20), ("GB", 1L << 30), ("TB", 1L << 40), ("B", 1), ("", 1),
    ];

    private static readonly (string Unit, long Ticks)[] TimeUnits =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour), ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>Reads a size. As CUDA's own tools do, KB, MB and GB are powers of 1024.</summary>
    public static bool TryParseBytes(string text, out long bytes) => TryParse(text, ByteUnits, out bytes);

    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        var valid = TryParse(text, TimeUnits, out var ticks);
        duration = TimeSpan.FromTicks(ticks);
        return valid;
    }

    /// <summary>Writes a size in the largest unit that loses nothing.</summary>
    public static string FormatBytes(long bytes)
    {
        foreach (var (unit, size) in (ReadOnlySpan<(string, long)>)[("TB", 1L << 40), ("GB", 1L << 30), ("MB", 1L << 20), ("KB", 1L << 10)])
        {
            if (bytes >= size && bytes % size == 0) return (bytes / size).ToString(CultureInfo.InvariantCulture) + unit;
        }

        return bytes.ToString(CultureInfo.InvariantCulture) + "B";
    }

    /// <summary>Writes a duration in the largest unit that loses nothing.</summary>
    public static string FormatDuration(TimeSpan duration)
    {
        foreach (var (unit, ticks) in TimeUnits.Reverse())
        {
            if (duration.Ticks >= ticks && duration.Ticks % ticks == 0)
                return (duration.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + unit;
        }

        return ((decimal)duration.Ticks / TimeSpan.TicksPerMillisecond).ToString(CultureInfo.InvariantCulture) + "ms";
    }

    private static bool TryParse(string text, (string Unit, long Size)[] units, out long amount)
    {
        amount = 0;
        foreach (var (unit, size) in units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            var digits = text[..^unit.Length].TrimEnd();
            if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) continue;
            if (number > long.MaxValue / size) return false;
            amount = (long)(number * size);
            return true;
        }

        return false;
    }
}
