using System.Globalization;
using Broker.Core;
using Broker.Core.Ids;
using Broker.Core.Market;

namespace Broker.Functions.Api;

/// <summary>An offer's place in the list: the cheapest first, then by name.</summary>
internal sealed record OfferPosition(Money PricePerSecond, string Name, WorkerId Worker) : IComparable<OfferPosition>
{
    public static OfferPosition Of(Offer offer) => new(offer.PricePerSecond, offer.Name, offer.Worker);

    /// <summary>Where the page before ended; null where the query asks for the first.</summary>
    public static OfferPosition? Find(QueryReader query) =>
        query.Position(text => TryParse(text, out _)) is { } text && TryParse(text, out var position) ? position : null;

    public string? Write() => QueryReader.Write(string.Create(CultureInfo.InvariantCulture, $"{PricePerSecond.Micros}:{Worker}:{Name}"));

    public int CompareTo(OfferPosition? other)
    {
        if (other is null) return 1;
        var byPrice = PricePerSecond.CompareTo(other.PricePerSecond);
        if (byPrice != 0) return byPrice;
        var byName = string.CompareOrdinal(Name, other.Name);
        return byName != 0 ? byName : string.CompareOrdinal(Worker.ToString(), other.Worker.ToString());
    }

    private static bool TryParse(string text, out OfferPosition? position)
    {
        position = null;
        if (text.Split(':', 3) is not [var price, var id, var name]) return false;
        if (!long.TryParse(price, NumberStyles.None, CultureInfo.InvariantCulture, out var micros) || !WorkerId.TryParse(id, out var worker)) return false;
        position = new OfferPosition(new Money(micros), name, worker);
        return true;
    }
}
