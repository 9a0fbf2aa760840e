namespace Broker.Worker.Intake;

/// <summary>The slots of this worker: each runs one attempt at a time.</summary>
internal sealed class Slots(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);

    /// <summary>Waits for a free slot and takes all that are free.</summary>
    /// <returns>How many were taken.</returns>
    public async Task<int> TakeAsync(CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        return 1 + TakeFree();
    }

    /// <summary>Takes all that are free at the moment.</summary>
    public int TakeFree()
    {
        var taken = 0;
        while (_free.Wait(0)) taken++;
        return taken;
    }

    public void Give(int slots)
    {
        if (slots > 0) _free.Release(slots);
    }

    public void Dispose() => _free.Dispose();
}
