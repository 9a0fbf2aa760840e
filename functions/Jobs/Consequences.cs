using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>Lets what was found about attempts follow their workers: how much of them is checked, what they cost, whether they get jobs at all.</summary>
/// <remarks>Idempotent: a finding is counted once, whoever tells of it again.</remarks>
public sealed partial class Consequences(ReputationStore reputations, OfferStore offers, ILogger<Consequences> log)
{
    /// <summary>Notes what an attempt says of its worker.</summary>
    public async Task NoteAsync(JobRecord job, AttemptRecord attempt, CancellationToken cancellation)
    {
        if (Finding.Of(job, attempt) is not { } finding) return;
        var (before, after) = await reputations.AddAsync(attempt.Provider, attempt.Worker, finding, cancellation);
        if (Effect(before) == Effect(after)) return;
        if (after.Suspension is { } reason && before.Suspension is null) LogSuspended(attempt.WorkerName, reason);

        // Where it has no offer any more, its next one is made with what is known of it.
        if (await offers.FindAsync(job.Document.Pool, attempt.Worker, cancellation) is { Value: { } offer })
            await offers.PutAsync(Apply(after, offer), cancellation);
    }

    /// <summary>An offer with what is known of its worker.</summary>
    public static Offer Apply(Reputation reputation, Offer offer) => offer with
    {
        State = reputation.Suspension is not null ? OfferState.Suspended : offer.State,
        SampleFactor = reputation.SampleFactor,
        ReliabilityThousandths = reputation.ReliabilityThousandths,
    };

    private static (bool IsSuspended, int SampleFactor, int Reliability) Effect(Reputation reputation) =>
        (reputation.Suspension is not null, reputation.SampleFactor, reputation.ReliabilityThousandths);

    [LoggerMessage(LogLevel.Warning, "worker {Worker} is suspended: {Reason}")]
    private partial void LogSuspended(string worker, string reason);
}
