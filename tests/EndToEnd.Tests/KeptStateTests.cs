using Broker.Cli;
using Broker.Cli.Stack;
using Broker.Client;
using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Tests;

namespace Broker.EndToEnd.Tests;

public sealed class KeptStateTests : IDisposable
{
    /// <summary>The emulator writes its tables and queues to the disk every five seconds.</summary>
    private static readonly TimeSpan EmulatorWrites = TimeSpan.FromSeconds(7);

    private readonly string _folder = Directory.CreateTempSubdirectory("broker-data-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stopped_stack_finds_its_jobs_keys_and_workers_again_at_the_next_start()
    {
        JobView ended;
        string key, worker;
        Uri url;
        await using (var stack = await StartAsync())
        {
            (url, key, worker) = (stack.Url, stack.SubmitterKey, $"{stack.Workers[0].Id}");
            using var client = BrokerClient.Create(stack.Url, key);
            var job = await client.SubmitAsync(HostileKernels.Spin, "spin", 1, 32, 1024, [new { u32 = 10 }]);
            ended = await client.WaitForEndAsync(job.Id);
            Assert.Equal(JobState.Completed, ended.State);
            var refusal = await Assert.ThrowsAsync<CommandException>(StartAsync);
            Assert.Contains($"Another `broker up` runs on {_folder}", refusal.Message, StringComparison.Ordinal);
        }

        await using var next = await StartAsync();
        Assert.Equal((url, key, worker), (next.Url, next.SubmitterKey, $"{next.Workers[0].Id}"));
        using var again = BrokerClient.Create(url, key);
        Assert.Equal(JobState.Completed, (await again.ReadJobAsync(ended.Id, Token)).State);
        Assert.Equal(1, BitConverter.ToInt32(await again.ReadOutputAsync(ended.Id)));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "stack.json")));
    }

    [Fact]
    public async Task Jobs_that_ran_and_waited_when_everything_was_killed_end_after_the_next_start()
    {
        JobView job, waiting;
        await using (var stack = await StartAsync())
        {
            using var client = BrokerClient.Create(stack.Url, stack.SubmitterKey);
            job = await client.SubmitAsync(HostileKernels.Endless, "endless", 1, 1, 1024, [], terms: new { timeout = "12s" });
            await client.WaitAsync(job.Id, view => view.Attempts.Any(attempt => attempt.State == AttemptState.Started));
            waiting = await client.SubmitAsync(HostileKernels.Spin, "spin", 1, 32, 1024, [new { u32 = 10 }]);
            await Task.Delay(EmulatorWrites, Token);
            Assert.Equal(JobState.Running, (await client.ReadJobAsync(job.Id, Token)).State);
            await Task.WhenAll([stack.Emulator.KillAsync(), stack.Functions.KillAsync(), .. stack.Workers.Concat(stack.Verifiers).Select(process => process.KillAsync())]);
        }

        await using var next = await StartAsync();
        using var again = BrokerClient.Create(next.Url, next.SubmitterKey);
        var ended = await again.WaitForEndAsync(job.Id);
        Assert.Equal(JobState.Failed, ended.State);
        Assert.Contains("line", ended.Reason, StringComparison.Ordinal);
        Assert.Equal(JobState.Completed, (await again.WaitForEndAsync(waiting.Id)).State);
        Assert.Equal(1, BitConverter.ToInt32(await again.ReadOutputAsync(waiting.Id)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<LocalBroker> StartAsync() => LocalBroker.StartAsync(
        new LocalBrokerOptions
        {
            FunctionsAssembly = Repository.Assembly("functions", "Broker.Functions"),
            WorkerAssembly = Repository.Assembly("worker", "Broker.Worker"),
            Workers = [new LocalWorker("amber", Money.Parse("0.001"))],
            DataFolder = _folder,
            Settings = new Dictionary<string, string>
            {
                ["Broker__HeartbeatSeconds"] = "1",
                ["Broker__LostAfterSeconds"] = "8",
                ["Broker__ResendAfterSeconds"] = "4",
                ["Broker__SweepSeconds"] = "1",
            },
        },
        Token);
}
