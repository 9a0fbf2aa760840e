using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Cli.Commands;

/// <summary>Follows jobs until all of them have ended.</summary>
internal sealed class JobWatch(BrokerClient client)
{
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(2);

    /// <param name="ids">The jobs.</param>
    /// <param name="show">Is shown all of them whenever they have been read.</param>
    /// <param name="cancellation">Ends the watch, and not the jobs.</param>
    /// <returns>The jobs as they ended, in the order of their ids.</returns>
    public async Task<IReadOnlyList<JobView>> UntilEndedAsync(
        IReadOnlyList<JobId> ids, Action<IReadOnlyList<JobView>> show, CancellationToken cancellation)
    {
        var jobs = new JobView?[ids.Count];
        for (var pause = ShortPause; ; pause = Longer(pause))
        {
            for (var i = 0; i < jobs.Length; i++)
            {
                if (jobs[i] is null || !jobs[i]!.State.IsEnded()) jobs[i] = await client.ReadJobAsync(ids[i], cancellation);
            }

            var read = jobs.OfType<JobView>().ToArray();
            show(read);
            if (read.All(job => job.State.IsEnded())) return read;
            await Task.Delay(pause, cancellation);
        }
    }

    /// <summary>A short job is seen to end at once, a long one is not asked for thousands of times.</summary>
    private static TimeSpan Longer(TimeSpan pause) => pause * 1.05 < LongPause ? pause * 1.05 : LongPause;
}
