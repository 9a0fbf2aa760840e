using Broker.Core.Verification;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>Makes the root over the histories of a day's jobs, once the day has ended: day after day, none left out.</summary>
public sealed partial class Audit(ChainEndStore ends, DayRootStore roots, BrokerKeyStore key, ILogger<Audit> log)
{
    /// <summary>How long after midnight a day is taken to be over: what was decided in its last moments may be written later.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>The last day that has been seen to: a run that finds none after it asks the storage nothing.</summary>
    private DateOnly? _done;

    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var last = DateOnly.FromDateTime((now - Patience).UtcDateTime).AddDays(-1);
        if (_done >= last) return;
        if (await FindFirstAsync(last, cancellation) is { } first)
        {
            for (var day = first; day <= last; day = day.AddDays(1)) await MakeAsync(day, cancellation);
        }

        _done = last;
    }

    /// <summary>The first day without a root; null where nothing has ended up to the last day.</summary>
    private async Task<DateOnly?> FindFirstAsync(DateOnly last, CancellationToken cancellation)
    {
        var made = await roots.ListAsync(cancellation);
        return made.Count > 0 ? made[^1].AddDays(1) : await ends.FindFirstDayAsync(last, cancellation);
    }

    private async Task MakeAsync(DateOnly day, CancellationToken cancellation)
    {
        var root = DayRoot.Of(day, await ends.ReadDayAsync(day, cancellation), await key.ReadPublicKeyAsync(cancellation));
        root = root with { Signature = await key.SignAsync(root.Encode(), cancellation) };
        if (await roots.TryCreateAsync(root, cancellation)) LogMade(day, root.Count, root.Root);
    }

    [LoggerMessage(LogLevel.Information, "the root of {Day} over {Count} jobs is {Root}")]
    private partial void LogMade(DateOnly day, int count, Digest root);
}
