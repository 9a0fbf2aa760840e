using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Market;

namespace Broker.Storage;

/// <summary>A pool as it was read, with the versions that guard a plan made from it.</summary>
public sealed record PoolSnapshot(
    MarketSnapshot Market, ImmutableDictionary<WorkerId, RowVersion> Offers, ImmutableDictionary<(JobId Job, int Replica), RowVersion> Waiting)
{
    /// <summary>Submissions that had not been finished when the pool was read.</summary>
    public ImmutableArray<PendingSubmission> Submissions { get; init; } = [];
}

/// <summary>A submission in progress, or one that a crash cut off.</summary>
public sealed record PendingSubmission(JobId Job, DateTimeOffset Since);
