using System.Globalization;
using Azure.Data.Tables;
using Broker.Core.Ids;
using Broker.Core.Market;

namespace Broker.Storage.Rows;

/// <summary>The rows of a pool's partition in the table <c>pools</c>.</summary>
/// <remarks>In key order: <c>j:</c> waiting, <c>o:</c> offers, <c>r:</c> held slots, <c>v:</c> committed and not judged.</remarks>
internal static class PoolRows
{
    public const string Waiting = "j:";
    public const string Offer = "o:";
    public const string Held = "r:";
    public const string Committed = "v:";

    /// <summary>The column that says of a waiting row that its job is still being submitted.</summary>
    public const string Pending = "pending";

    /// <summary>Past every row of a pool.</summary>
    public const string End = "w";

    public static string WaitingKey(WaitingReplica waiting) =>
        $"{Waiting}{TableRows.OldestFirst(waiting.SubmittedAt)}:{waiting.Job}:{waiting.Replica}";

    /// <summary>The attempt is part of the key, so that a late delete of an old attempt's row cannot free the slot of a newer one.</summary>
    public static string HeldKey(AttemptId attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{Held}{attempt.Job}:{attempt.Replica}:{attempt.Number}");

    public static string CommittedKey(AttemptId attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{Committed}{attempt.Job}:{attempt.Replica}:{attempt.Number}");

    public static string OfferKey(WorkerId worker) => Offer + worker;

    public static bool Is(this TableEntity entity, string prefix) => entity.RowKey.StartsWith(prefix, StringComparison.Ordinal);
}
