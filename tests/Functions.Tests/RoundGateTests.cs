using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Functions.Jobs;
using Broker.Storage;
using Broker.Tests;

namespace Broker.Functions.Tests;

public sealed class RoundGateTests
{
    [Fact]
    public async Task Callers_that_come_while_a_round_runs_are_served_by_one_later_round_together()
    {
        var gate = new RoundGate();
        var open = new TaskCompletionSource();
        var rounds = 0;
        ImmutableArray<SubmittedJob> seen = [];
        var first = gate.RunAsync(new MatchRound(PoolName.Default), Round);
        while (Volatile.Read(ref rounds) == 0) await Task.Delay(1, TestContext.Current.CancellationToken);
        var later = Enumerable.Range(0, 10).Select(i => gate.RunAsync(Call(i), Round)).ToArray();
        Assert.DoesNotContain(later, call => call.IsCompleted);

        open.SetResult();
        await Task.WhenAll([first, .. later]);
        Assert.Equal(2, rounds);
        Assert.Equal(10, seen.Distinct().Count());
        await gate.RunAsync(new MatchRound(PoolName.Default), Round);
        Assert.Empty(seen);

        Task Round(ImmutableArray<SubmittedJob> submitted)
        {
            seen = submitted;
            return Interlocked.Increment(ref rounds) == 1 ? open.Task : Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Pools_do_not_wait_for_each_other_and_a_failed_round_stops_none_after_it()
    {
        var gate = new RoundGate();
        var never = new TaskCompletionSource();
        _ = gate.RunAsync(new MatchRound(PoolName.Default), _ => never.Task);
        var other = new MatchRound(PoolName.Parse("other"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => gate.RunAsync(other, _ => throw new InvalidOperationException("test")));
        await gate.RunAsync(other, _ => Task.CompletedTask).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static MatchRound Call(int job) =>
        new(PoolName.Default) { Submitted = [new SubmittedJob(JobId.Derive(Make.Submitter, $"job {job}"), Make.Noon)] };
}
