using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Functions.Jobs;
using Broker.Storage;
using Broker.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Simulation;

/// <summary>Submits jobs, each until it is accepted, and cancels them, until that is answered.</summary>
internal sealed class SubmitterModel(World world, Apps apps)
{
    private readonly Life _life = new();

    /// <summary>How many jobs were accepted.</summary>
    public int Accepted { get; private set; }

    public async Task<JobId> SubmitAsync(string key, JobDocument document)
    {
        var id = Make.JobId(key);
        var request = ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(key));
        var job = await apps.CallAsync(
            async services =>
            {
                await services.GetRequiredService<PoolDirectory>().AddAsync(document.Pool, CancellationToken.None);
                var submitted = Lifecycle.Submit(id, Make.Submitter, document, request, world.GetUtcNow());
                return (await services.GetRequiredService<Submission>().WriteAsync(submitted, CancellationToken.None)).Job;
            },
            _life);
        if (job is null) throw new SimulationException($"job {key}: its own request was taken for another");
        Accepted++;
        return id;
    }

    public Task CancelAsync(JobId job) => apps.CallAsync(
        services => services.GetRequiredService<JobChanges>().ApplyAsync(
            job, current => Lifecycle.Cancel(current, "cancelled by its submitter", world.GetUtcNow()), CancellationToken.None),
        _life);
}
