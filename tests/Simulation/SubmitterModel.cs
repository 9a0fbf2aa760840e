using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Functions.Jobs;
using Broker.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Simulation;

/// <summary>Submits jobs, each until it is accepted, and cancels some.</summary>
internal sealed class SubmitterModel(World world, Apps apps, TimeSpan pace)
{
    private static readonly JobDocument Document = Make.Document(terms: """{ "timeout": "20s", "queueTimeout": "10m" }""");
    private readonly Life _life = new();

    public int Accepted { get; private set; }

    public async Task SubmitAsync(int jobs)
    {
        for (var i = 0; i < jobs; i++)
        {
            var key = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            world.Begin(() => SubmitOneAsync(key));
            await world.DelayAsync(world.Around(pace), _life);
        }
    }

    private async Task SubmitOneAsync(string key)
    {
        var id = Make.JobId(key);
        var submitted = Lifecycle.Submit(id, Make.Submitter, Document, ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(key)), world.GetUtcNow());
        var (job, _) = await apps.CallAsync(services => services.GetRequiredService<Submission>().WriteAsync(submitted, CancellationToken.None), _life);
        if (job is null) throw new SimulationException($"job {key}: its own request was taken for another");
        Accepted++;
        if (!world.Chance(0.04)) return;
        await world.DelayAsync(world.Around(TimeSpan.FromSeconds(5)), _life);
        await apps.CallAsync(services => services.GetRequiredService<JobChanges>().ApplyAsync(
            id, current => Lifecycle.Cancel(current, "cancelled by its submitter", world.GetUtcNow()), CancellationToken.None), _life);
    }
}
