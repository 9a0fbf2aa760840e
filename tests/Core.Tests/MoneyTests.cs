using System.Numerics;
using System.Text.Json;
using Broker.Core.Documents;
using CsCheck;

namespace Broker.Core.Tests;

public class MoneyTests
{
    /// <summary>What decimal text reaches: twelve digits before the point, six after.</summary>
    private static readonly Gen<Money> Amounts = Gen.Long[0, 999_999_999_999_999_999].Select(micros => new Money(micros));

    [Theory]
    [InlineData("0", 0, "0.00")]
    [InlineData("0.5", 500_000, "0.50")]
    [InlineData("0.50", 500_000, "0.50")]
    [InlineData("007", 7_000_000, "7.00")]
    [InlineData("1.000001", 1_000_001, "1.000001")]
    [InlineData("0.000001", 1, "0.000001")]
    [InlineData("12.345", 12_345_000, "12.345")]
    [InlineData("999999999999.999999", 999_999_999_999_999_999, "999999999999.999999")]
    public void Decimal_text_is_a_number_of_micro_credits(string text, long micros, string written)
    {
        Assert.True(Money.TryParse(text, out var money));
        Assert.Equal(micros, money.Micros);
        Assert.Equal(money, Money.Parse(text));
        Assert.Equal(written, money.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData(".")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1e3")]
    [InlineData("1,5")]
    [InlineData("1.5.0")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("1.0000001")]
    [InlineData("1000000000000")]
    [InlineData("١")]
    [InlineData("1 credit")]
    public void Other_text_is_no_amount(string? text)
    {
        Assert.False(Money.TryParse(text, out var money));
        Assert.Equal(Money.Zero, money);
        Assert.Contains("not an amount of credits", Assert.Throws<FormatException>(() => Money.Parse(text!)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_reads_back_equal() => Amounts.Sample(money =>
    {
        Assert.Equal(money, Money.Parse(money.ToString()));
        Assert.Equal(money, JsonSerializer.Deserialize<Money>(JsonSerializer.Serialize(money, BrokerJson.Options), BrokerJson.Options));
    });

    [Fact]
    public void A_negative_amount_is_written_with_its_sign_and_never_read()
    {
        Assert.Equal("-0.50", new Money(-500_000).ToString());
        Assert.Equal("-9223372036854.775808", new Money(long.MinValue).ToString());
        Assert.False(Money.TryParse("-0.50", out _));
    }

    [Theory]
    [InlineData("0.5")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("\"-1\"")]
    [InlineData("\"abc\"")]
    [InlineData("{}")]
    public void Money_in_json_is_decimal_text_and_never_a_number(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Money>(json, BrokerJson.Options));

    [Theory]
    [InlineData(10, 1, 3, 4)]
    [InlineData(9, 1, 3, 3)]
    [InlineData(1, 1, 1_000_000, 1)]
    [InlineData(0, 7, 3, 0)]
    [InlineData(-10, 1, 3, -3)]
    [InlineData(long.MaxValue, 10, 10, long.MaxValue)]
    public void Scaling_rounds_up(long micros, long numerator, long denominator, long scaled) =>
        Assert.Equal(scaled, new Money(micros).Scale(numerator, denominator).Micros);

    [Fact]
    public void Scaling_is_the_exact_quotient_rounded_up() =>
        Gen.Select(Gen.Long[-1_000_000_000_000, 1_000_000_000_000], Gen.Long[0, 1_000_000], Gen.Long[1, 1_000_000]).Sample((micros, numerator, denominator) =>
        {
            var product = new BigInteger(micros) * numerator;
            var scaled = new BigInteger(new Money(micros).Scale(numerator, denominator).Micros);
            Assert.True(scaled * denominator >= product);
            Assert.True((scaled - 1) * denominator < product);
        });

    [Fact]
    public void A_rate_over_a_time_rounds_up()
    {
        Assert.Equal(new Money(90), new Money(60).PerSecondOver(TimeSpan.FromSeconds(1.5)));
        Assert.Equal(new Money(1), new Money(1).PerSecondOver(TimeSpan.FromTicks(1)));
        Assert.Equal(Money.Zero, new Money(1).PerSecondOver(TimeSpan.Zero));
    }

    [Fact]
    public void Too_much_money_throws_and_never_wraps_around()
    {
        var most = new Money(long.MaxValue);
        Assert.Throws<OverflowException>(() => most + new Money(1));
        Assert.Throws<OverflowException>(() => new Money(long.MinValue) - new Money(1));
        Assert.Throws<OverflowException>(() => Money.Add(most, most));
        Assert.Throws<OverflowException>(() => Money.Subtract(new Money(-2), most));
        Assert.Throws<OverflowException>(() => most.Scale(11, 10));
        Assert.Throws<OverflowException>(() => most.PerSecondOver(TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Amounts_add_subtract_and_compare_as_their_micro_credits() => Gen.Select(Amounts, Amounts).Sample((left, right) =>
    {
        Assert.Equal(left.Micros + right.Micros, (left + right).Micros);
        Assert.Equal(left.Micros - right.Micros, (left - right).Micros);
        Assert.Equal(left.Micros < right.Micros, left < right);
        Assert.Equal(left.Micros > right.Micros, left > right);
        Assert.Equal(left.Micros <= right.Micros, left <= right);
        Assert.Equal(left.Micros >= right.Micros, left >= right);
        Assert.Equal(left.Micros.CompareTo(right.Micros), left.CompareTo(right));
    });
}
