using System.Globalization;

namespace Broker.CheatingWorker;

/// <summary>How a worker cheats: it leaves out a fraction of the blocks, and what they would have written stays zero.</summary>
/// <param name="Fraction">From 0 to 1.</param>
internal sealed record Cheat(double Fraction)
{
    public static Cheat? TryParse(string text) =>
        text.Split(':') is ["zeros", var number] && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction) && fraction <= 1
            ? new Cheat(fraction)
            : null;
}
