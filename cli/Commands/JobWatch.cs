using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Cli.Commands;

/// <summary>Follows jobs until all of them have ended.</summary>
internal sealed class JobWatch(BrokerClient client)
{
    /// <summary>How many jobs are followed at once; the broker lets no account wait for more.</summary>
    private const int MostAtOnce = 50;

    /// <summary>An event is seen at once, how far a run is only now and then.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly EventWait _wait = new(client, LongestWait);
    private readonly Lock _lock = new();

    /// <param name="ids">The jobs.</param>
    /// <param name="show">Is shown all that are known whenever one of them has been read.</param>
    /// <param name="cancellation">Ends the watch, and not the jobs.</param>
    /// <returns>The jobs as they ended, in the order of their ids.</returns>
    public async Task<IReadOnlyList<JobView>> UntilEndedAsync(
        IReadOnlyList<JobId> ids, Action<IReadOnlyList<JobView>> show, CancellationToken cancellation)
    {
        var jobs = new JobView?[ids.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, ids.Count, options, async (i, token) => await FollowAsync(ids[i], job => Show(i, job), token));
        return [.. jobs.OfType<JobView>()];

        void Show(int i, JobView job)
        {
            lock (_lock)
            {
                jobs[i] = job;
                show([.. jobs.OfType<JobView>()]);
            }
        }
    }

    private async Task FollowAsync(JobId id, Action<JobView> show, CancellationToken cancellation)
    {
        Tagged<JobView>? job = null;
        for (var seen = 0; ;)
        {
            var read = await client.ReadJobAsync(id, job, cancellation);
            if (read != job) show(read.Value);
            job = read;
            if (job.Value.State.IsEnded()) return;
            if (await _wait.NextAsync(id, seen, cancellation) is [.., var last]) seen = last.Number;
        }
    }
}
