using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.Core;

/// <summary>An amount of credits: a whole number of micro-credits inside, decimal text at the edge, never a float.</summary>
/// <param name="Micros">Millionths of a credit.</param>
[JsonConverter(typeof(MoneyConverter))]
public readonly record struct Money(long Micros) : IComparable<Money>
{
    private const long MicrosPerCredit = 1_000_000;

    public static Money Zero => default;

    public static Money operator +(Money left, Money right) => new(checked(left.Micros + right.Micros));

    public static Money operator -(Money left, Money right) => new(checked(left.Micros - right.Micros));

    public static bool operator <(Money left, Money right) => left.Micros < right.Micros;

    public static bool operator >(Money left, Money right) => left.Micros > right.Micros;

    public static bool operator <=(Money left, Money right) => left.Micros <= right.Micros;

    public static bool operator >=(Money left, Money right) => left.Micros >= right.Micros;

    public static Money Add(Money left, Money right) => left + right;

    public static Money Subtract(Money left, Money right) => left - right;

    /// <summary>What this rate comes to over a time, rounded up to a whole micro-credit.</summary>
    /// <param name="time">The time; the amount is per second of it.</param>
    public Money PerSecondOver(TimeSpan time) => Scale(time.Ticks, TimeSpan.TicksPerSecond);

    /// <summary>This amount times a fraction, rounded up to a whole micro-credit.</summary>
    public Money Scale(long numerator, long denominator)
    {
        var (quotient, remainder) = Int128.DivRem((Int128)Micros * numerator, denominator);
        return new Money(checked((long)(remainder > 0 ? quotient + 1 : quotient)));
    }

    /// <summary>Reads decimal text such as <c>0.50</c>: no sign, no exponent, at most six places.</summary>
    public static bool TryParse(string? text, out Money money)
    {
        money = default;
        if (string.IsNullOrEmpty(text)) return false;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? text : text[..point];
        var places = point < 0 ? "" : text[(point + 1)..];
        if (whole.Length is 0 or > 12 || places.Length > 6 || (point >= 0 && places.Length == 0)) return false;
        if (!whole.All(char.IsAsciiDigit) || !places.All(char.IsAsciiDigit)) return false;
        var micros = long.Parse(places.PadRight(6, '0'), CultureInfo.InvariantCulture);
        money = new Money((long.Parse(whole, CultureInfo.InvariantCulture) * MicrosPerCredit) + micros);
        return true;
    }

    public static Money Parse(string text) => TryParse(text, out var money)
        ? money
        : throw new FormatException($"'{text}' is not an amount of credits: write a decimal such as 0.50 with at most six places");

    public int CompareTo(Money other) => Micros.CompareTo(other.Micros);

    public override string ToString()
    {
        var magnitude = Math.Abs((decimal)Micros) / MicrosPerCredit;
        return (Micros < 0 ? "-" : "") + magnitude.ToString("0.00####", CultureInfo.InvariantCulture);
    }
}

/// <summary>Writes money as decimal text.</summary>
public sealed class MoneyConverter : JsonConverter<Money>
{
    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return Money.TryParse(text, out var money)
            ? money
            : throw new JsonException("an amount of credits is decimal text such as \"0.50\" with at most six places");
    }

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
