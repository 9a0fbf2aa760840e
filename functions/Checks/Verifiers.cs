using System.Collections.Immutable;
using System.Globalization;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Storage;
using Microsoft.Extensions.Options;

namespace Broker.Functions.Checks;

/// <summary>Knows which verifiers live, and picks one for a check.</summary>
public sealed class Verifiers(VerifierDirectory directory, IOptions<BrokerSettings> settings)
{
    /// <summary>How long a reading is good enough: a verifier that has died since loses its check to another one.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private volatile Reading _last = new([], DateTimeOffset.MinValue);

    /// <summary>Picks a verifier that lives, and that has not checked this attempt before where another one is there.</summary>
    /// <returns>Null where none lives.</returns>
    public async Task<WorkerId?> FindAsync(JobId job, AttemptRecord attempt, DateTimeOffset now, CancellationToken cancellation)
    {
        var living = await ReadAsync(now, cancellation);
        var others = living.RemoveAll(verifier => attempt.Checks.Any(check => check.Verifier == verifier));
        var choice = others.IsEmpty ? living : others;

        // The job's id is a hash, and a redelivery picks the same.
        return choice.IsEmpty ? null : choice[(int)(uint.Parse(job.ToString()[..8], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) % choice.Length)];
    }

    /// <summary>Whether a verifier has been heard of lately.</summary>
    public async Task<bool> IsAliveAsync(WorkerId verifier, DateTimeOffset now, CancellationToken cancellation) =>
        (await ReadAsync(now, cancellation)).Contains(verifier);

    private async Task<ImmutableArray<WorkerId>> ReadAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        if (_last is var last && now - last.At < Fresh && !last.Living.IsEmpty) return last.Living;
        var found = await directory.ReadAsync(now - TimeSpan.FromSeconds(settings.Value.LostAfterSeconds), cancellation);
        _last = new Reading([.. found.Select(verifier => verifier.Id).OrderBy(id => id.ToString(), StringComparer.Ordinal)], now);
        return _last.Living;
    }

    private sealed record Reading(ImmutableArray<WorkerId> Living, DateTimeOffset At);
}
