using System.Collections.Immutable;
using System.Net;
using Broker.Client;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Cli.Commands;

/// <summary>Waits for the events of jobs.</summary>
/// <param name="client">The broker.</param>
/// <param name="longest">How long to wait for one.</param>
internal sealed class EventWait(BrokerClient client, TimeSpan longest)
{
    /// <summary>A broker that is stopping answers at once and has nothing to say.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Too many wait for this account already.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(2);

    /// <returns>The events after the last one that was seen; none where none came in time.</returns>
    public async Task<ImmutableArray<JobEvent>> NextAsync(JobId job, int seen, CancellationToken cancellation)
    {
        try
        {
            var page = await client.ReadEventsAsync(job, new EventQuery { After = seen, Wait = longest }, cancellation);
            if (page.Items.IsEmpty) await Task.Delay(Pause, cancellation);
            return page.Items;
        }
        catch (BrokerException e) when (e.Status == HttpStatusCode.TooManyRequests)
        {
            await Task.Delay(LongPause, cancellation);
            return [];
        }
    }
}
