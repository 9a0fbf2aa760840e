using System.Text.Json;
using Azure;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Functions.Checks;
using Broker.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Simulation;

/// <summary>A verifier as the broker knows it: it beats, takes checks one at a time, and judges as chance says.</summary>
internal sealed class VerifierModel(World world, StorageAccount account, Apps apps, string name) : Process
{
    private static readonly TimeSpan Visibility = TimeSpan.FromMinutes(1);
    private readonly AccountId _account = AccountId.Parse("verifiers");
    private MessageQueues? _queues;

    public WorkerId Id => WorkerId.Derive(_account, name);

    /// <summary>What is found about an attempt, always the same.</summary>
    public required Func<AttemptId, VerdictKind> Find { get; init; }

    /// <summary>Told when a check has begun here.</summary>
    public Action<VerifierModel, AttemptId>? Started { get; init; }

    protected override void Start()
    {
        _queues = new MessageQueues(account.Open(Life));
        world.Begin(BeatAsync);
        world.Begin(PollAsync);
    }

    private async Task BeatAsync()
    {
        while (true)
        {
            await apps.CallAsync(
                async services =>
                {
                    await services.GetRequiredService<VerifierDirectory>().PutAsync(new VerifierRecord(Id, _account, name, "", world.GetUtcNow()), CancellationToken.None);
                    return true;
                },
                Life);
            await world.DelayAsync(TimeSpan.FromSeconds(10), Life);
        }
    }

    private async Task PollAsync()
    {
        var queue = QueueNames.Checks(Id);
        while (true)
        {
            try
            {
                foreach (var message in await _queues!.ReceiveAsync(queue, 1, Visibility, CancellationToken.None))
                {
                    account.Weather.Received(queue, message.Body);
                    if (await CheckAsync(JsonSerializer.Deserialize<CheckMessage>(message.Body, BrokerJson.Options)!))
                        await _queues.DeleteAsync(queue, message, CancellationToken.None);
                }
            }
            catch (RequestFailedException)
            {
                // The next look may fare better.
            }

            await world.DelayAsync(world.Between(0.1, 0.5), Life);
        }
    }

    /// <returns>Whether the message has done its work.</returns>
    private async Task<bool> CheckAsync(CheckMessage message)
    {
        try
        {
            var begun = await apps.TryCallAsync(
                services => services.GetRequiredService<CheckIntake>().FindAsync(message.ToId(), message.Check, Id, CancellationToken.None), Life);
            if (begun.Job is null || begun.Refusal != LifecycleRefusal.None) return true;
            Started?.Invoke(this, message.ToId());
            await world.DelayAsync(world.Between(1, 4), Life);
            var kind = Find(message.ToId());
            var verdict = new Verdict { Kind = kind, Blocks = 4, Sampled = 4, MismatchCount = kind == VerdictKind.Failed ? 1 : 0 };
            await apps.CallAsync(
                services => services.GetRequiredService<CheckIntake>().JudgeAsync(message.ToId(), message.Check, Id, verdict, CancellationToken.None), Life);
            return true;
        }
        catch (ConnectionLostException)
        {
            return false;
        }
    }
}
