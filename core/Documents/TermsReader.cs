using System.Globalization;
using System.Text.Json;
using Broker.Core.Jobs;

namespace Broker.Core.Documents;

/// <summary>Reads the terms of a job.</summary>
internal static class TermsReader
{
    /// <summary>ISO 8601 with a date: a time of day alone would be completed from the clock.</summary>
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    public static Terms Read(DocumentNode node)
    {
        var members = node.Members(
            "maxPrice", "timeout", "queueTimeout", "deadline", "attempts", "priority", "preemptible", "delayValue", "stake", "estimate");
        var terms = new Terms();
        if (Find(members, "maxPrice") is { } maxPrice) terms = terms with { MaxPrice = ReadMoney(maxPrice) };
        if (Find(members, "timeout") is { } timeout) terms = terms with { Timeout = ReadDuration(timeout, JobLimits.LongestTimeout) };
        if (Find(members, "queueTimeout") is { } queueTimeout)
            terms = terms with { QueueTimeout = ReadDuration(queueTimeout, JobLimits.LongestQueueTimeout) };
        if (Find(members, "deadline") is { } deadline) terms = terms with { Deadline = ReadTime(deadline) };
        if (Find(members, "attempts") is { } attempts && attempts.TryInteger(1, JobLimits.Attempts, out var count))
            terms = terms with { Attempts = (int)count };
        if (Find(members, "delayValue") is { } delay) terms = terms with { DelayValuePerHour = ReadRate(delay) };
        if (Find(members, "estimate") is { } estimate) terms = terms with { Estimate = ReadDuration(estimate, JobLimits.LongestTimeout) };
        RefuseWhatHasNoEffectYet(members);
        return terms;
    }

    /// <summary>Terms that nothing acts on yet may only say what already holds.</summary>
    private static void RefuseWhatHasNoEffectYet(Dictionary<string, DocumentNode> members)
    {
        if (Find(members, "priority") is { } priority && priority.TryInteger(-100, 100, out var level) && level != 0)
            priority.RefuseAsUnsupported("a priority other than 0 is");
        if (Find(members, "stake") is { } stake && stake.TryInteger(0, 1000, out var multiple) && multiple != 0)
            stake.RefuseAsUnsupported("a stake is");
        if (Find(members, "preemptible") is not { } preemptible) return;
        if (preemptible.Element.ValueKind == JsonValueKind.True) preemptible.RefuseAsUnsupported("a preemptible job is");
        else if (preemptible.Element.ValueKind != JsonValueKind.False) preemptible.Refuse("must be true or false");
    }

    private static DocumentNode? Find(Dictionary<string, DocumentNode> members, string name) =>
        members.TryGetValue(name, out var node) && !node.IsNull ? node : null;

    private static Money ReadMoney(DocumentNode node)
    {
        if (!node.TryText(out var text)) return Money.Zero;
        if (!Money.TryParse(text, out var money) || money > JobLimits.Credits) node.Refuse($"'{text}' is not an amount of credits: write decimal text such as \"0.50\" with at most six places, up to {JobLimits.Credits}");
        return money;
    }

    private static TimeSpan ReadDuration(DocumentNode node, TimeSpan most)
    {
        if (!node.TryText(out var text)) return TimeSpan.Zero;
        if (!Quantities.TryParseDuration(text, out var duration)) node.Refuse($"'{text}' is not a duration: write {Quantities.DurationRule}");
        else if (duration <= TimeSpan.Zero || duration > most) node.Refuse($"must be above 0 and at most {Quantities.FormatDuration(most)}");
        return duration;
    }

    private static DateTimeOffset? ReadTime(DocumentNode node)
    {
        if (!node.TryText(out var text)) return null;
        if (DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;
        node.Refuse($"'{text}' is not a time: write it as in 2026-01-31T12:00:00Z");
        return null;
    }

    private static Money ReadRate(DocumentNode node)
    {
        if (!node.TryText(out var text)) return Money.Zero;
        if (text.EndsWith("/h", StringComparison.Ordinal) && Money.TryParse(text[..^2], out var money) && money <= JobLimits.Credits) return money;
        node.Refuse($"'{text}' is not a rate: write credits an hour such as \"0.10/h\", up to {JobLimits.Credits}");
        return Money.Zero;
    }
}
