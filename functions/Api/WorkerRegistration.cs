using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Storage;
using Microsoft.Extensions.Options;

namespace Broker.Functions.Api;

/// <summary>Takes a worker in: gives it a key and a queue, and ends its older key.</summary>
internal sealed class WorkerRegistration(BrokerStorage storage, Authenticator authenticator, TimeProvider clock, IOptions<BrokerSettings> settings)
{
    private readonly WorkerStore _workers = new(storage);
    private readonly AccountStore _accounts = new(storage);
    private readonly MessageQueues _queues = new(storage);

    public async Task<IResult> RegisterAsync(AccountId provider, NewWorker worker, CancellationToken cancellation)
    {
        var id = WorkerId.Derive(provider, worker.Name);
        var before = await _workers.FindAsync(provider, id, cancellation);
        var most = settings.Value.WorkersPerAccount;

        // Every worker has a key and a queue of its own: this bounds all three.
        if (before is null && await _workers.HasAsync(provider, most, cancellation))
            return Problems.Conflict($"the account has {most} workers, which is the most: register one of them again under its name");
        var key = await _accounts.CreateKeyAsync(new Principal(provider, [Role.Worker], id, worker.PublicKey), cancellation);
        var record = new WorkerRecord(id, provider, worker.Name, worker.Device, clock.GetUtcNow(), AccountStore.HashOf(key), before?.Pool);
        await _queues.CreateAsync(QueueNames.Attempts(id), cancellation);
        if (before is not null)
        {
            // While the worker's row still names it: after a crash nobody would know any more which key is to end.
            await _accounts.RevokeKeyAsync(provider, before.KeyHash, cancellation);
            authenticator.Forget(before.KeyHash);
        }

        await _workers.PutAsync(record, cancellation);

        return Answer.Created(new WorkerRegistered(id, worker.Name, key));
    }
}
