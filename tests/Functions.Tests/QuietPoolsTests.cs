using Broker.Core.Ids;
using Broker.Functions.Jobs;
using Microsoft.Extensions.Time.Testing;

namespace Broker.Functions.Tests;

public sealed class QuietPoolsTests
{
    [Fact]
    public void A_pool_is_quiet_for_a_moment_after_a_round_that_left_nobody_and_until_the_next_begins()
    {
        var clock = new FakeTimeProvider();
        var quiet = new QuietPools(clock);
        Assert.False(quiet.Contains(PoolName.Default));
        quiet.Settle(PoolName.Default);
        Assert.True(quiet.Contains(PoolName.Default));
        Assert.False(quiet.Contains(PoolName.Parse("other")));
        quiet.Disturb(PoolName.Default);
        Assert.False(quiet.Contains(PoolName.Default));
        quiet.Settle(PoolName.Default);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(quiet.Contains(PoolName.Default));
    }
}
