using Broker.Core.Ids;

namespace Broker.Functions.Tests;

public sealed class RoundGateTests
{
    [Fact]
    public async Task Callers_that_come_while_a_round_runs_are_served_by_one_later_round_together()
    {
        var gate = new RoundGate();
        var open = new TaskCompletionSource();
        var rounds = 0;
        Task Round() => Interlocked.Increment(ref rounds) == 1 ? open.Task : Task.CompletedTask;

        var first = gate.RunAsync(PoolName.Default, Round);
        while (Volatile.Read(ref rounds) == 0) await Task.Delay(1, TestContext.Current.CancellationToken);
        var later = Enumerable.Range(0, 10).Select(_ => gate.RunAsync(PoolName.Default, Round)).ToArray();
        Assert.DoesNotContain(later, call => call.IsCompleted);

        open.SetResult();
        await Task.WhenAll([first, .. later]);
        Assert.Equal(2, rounds);
    }

    [Fact]
    public async Task Pools_do_not_wait_for_each_other_and_a_failed_round_stops_none_after_it()
    {
        var gate = new RoundGate();
        var never = new TaskCompletionSource();
        _ = gate.RunAsync(PoolName.Default, () => never.Task);
        var other = PoolName.Parse("other");
        await Assert.ThrowsAsync<InvalidOperationException>(() => gate.RunAsync(other, () => throw new InvalidOperationException("test")));
        await gate.RunAsync(other, () => Task.CompletedTask).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
