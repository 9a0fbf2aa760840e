using System.Globalization;
using System.Text.Json;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Core.Documents;

/// <summary>Reads what a job asks of its verification.</summary>
internal static class VerificationReader
{
    private const string BudgetUnit = "cpu-seconds";

    /// <summary>A sample that finds a smaller fraction is a run of all the blocks in disguise.</summary>
    private const int LeastFraction = 10;

    private const int LeastConfidence = VerificationSpec.Million / 2;

    /// <returns>Null where it leaves the mode to the class of the job and says nothing else.</returns>
    public static VerificationSpec? Read(DocumentNode node)
    {
        var members = node.Members("mode", "fraction", "confidence", "budget", "checkpointEvery", "tolerance", "replicas");
        var verification = new VerificationSpec();
        if (Find(members, "mode") is { } mode) verification = verification with { Mode = ReadMode(mode) };
        else
        {
            if (members.Values.FirstOrDefault(member => !member.IsNull) is { Path: not null } other) other.Refuse("goes with a mode: name it, or leave 'verification' out");
            return null;
        }

        if (Find(members, "fraction") is { } fraction)
            verification = verification with { FractionMillionths = ReadMillionths(fraction, LeastFraction, VerificationSpec.Million / 2) };
        if (Find(members, "confidence") is { } confidence)
            verification = verification with { ConfidenceMillionths = ReadMillionths(confidence, LeastConfidence, VerificationSpec.Million - 1) };
        if (Find(members, "budget") is { } budget) verification = verification with { Budget = ReadBudget(budget) };
        foreach (var name in (ReadOnlySpan<string>)["checkpointEvery", "tolerance", "replicas"])
        {
            if (Find(members, name) is { } member) member.RefuseAsUnsupported($"'{name}' is");
        }

        return verification;
    }

    private static DocumentNode? Find(Dictionary<string, DocumentNode> members, string name) =>
        members.TryGetValue(name, out var node) && !node.IsNull ? node : null;

    private static VerificationMode ReadMode(DocumentNode node)
    {
        if (!node.TryText(out var text)) return VerificationMode.None;
        if (Array.Find(Enum.GetValues<VerificationMode>(), mode => BrokerJson.Word(mode) == text) is var found && BrokerJson.Word(found) == text) return found;
        if (text is "replicate" or "refereed") node.RefuseAsUnsupported($"verification mode '{text}' is");
        else node.Refuse($"'{text}' is not a verification mode: none, sample, full, replicate or refereed");
        return VerificationMode.None;
    }

    private static int ReadMillionths(DocumentNode node, int least, int most)
    {
        if (node.Element.ValueKind == JsonValueKind.Number && node.Element.TryGetDecimal(out var number) && number >= 0 && number <= 1)
        {
            var millionths = number * VerificationSpec.Million;
            if (millionths >= least && millionths <= most && millionths == decimal.Truncate(millionths)) return (int)millionths;
        }

        node.Refuse($"must be a number from {Text(least)} to {Text(most)} with at most six places, not {DocumentNode.Describe(node.Element)}");
        return most;

        static string Text(int millionths) => ((decimal)millionths / VerificationSpec.Million).ToString(CultureInfo.InvariantCulture);
    }

    private static TimeSpan ReadBudget(DocumentNode node)
    {
        if (!node.TryText(out var text)) return TimeSpan.Zero;
        if (text.EndsWith(BudgetUnit, StringComparison.Ordinal)
            && int.TryParse(text[..^BudgetUnit.Length].TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= 1 && seconds <= JobLimits.LongestTimeout.TotalSeconds)
            return TimeSpan.FromSeconds(seconds);
        node.Refuse($"'{text}' is not a budget: write whole seconds of one core such as \"60 {BudgetUnit}\", up to {JobLimits.LongestTimeout.TotalSeconds}");
        return TimeSpan.Zero;
    }
}
