using Broker.Core.Jobs;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>Removes a job that has ended, and everything that it left.</summary>
/// <remarks>The job's own rows go last: a removal that was cut off is done again by the next one.</remarks>
public sealed class JobRemoval(BrokerStorage storage)
{
    private readonly PoolStore _pools = new(storage);
    private readonly JobIndexStore _index = new(storage);
    private readonly JobStore _jobs = new(storage);
    private readonly OutputStore _outputs = new(storage);
    private readonly LogStore _logs = new(storage);
    private readonly ReceiptStore _receipts = new(storage);

    public async Task RunAsync(JobRecord job, CancellationToken cancellation)
    {
        // A crash may have left rows in the pool that only the job's own rows could explain.
        await _pools.RestoreAsync(job, cancellation);
        await _outputs.DeleteAsync(job.Id, cancellation);
        await _logs.DeleteAsync(job.Id, cancellation);
        await _receipts.DeleteAsync(job.Id, cancellation);
        await _index.RemoveAsync(job, cancellation);
        await _jobs.DeleteAsync(job.Id, cancellation);
    }
}
