namespace Broker.Simulation.Tests;

public class SimulationTests
{
    private const int Jobs = 200;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_job_ends_once_and_no_slot_is_sold_twice_whatever_the_weather(int seed)
    {
        var result = Simulation.Run(new SimulationOptions(seed, Jobs));
        Assert.Equal(Jobs, result.Ends.Values.Sum());
        Assert.InRange(result.Ends["Completed"], Jobs / 2, Jobs);
        Assert.True(result.Deaths > 0);
        Assert.True(result.Attempts > Jobs);
    }

    [Fact]
    public void A_seed_is_the_same_story_every_time()
    {
        var options = new SimulationOptions(7, 50);
        var first = Simulation.Run(options).Trace;
        Assert.Equal(first, Simulation.Run(options).Trace);
        Assert.NotEqual(first, Simulation.Run(options with { Seed = 8 }).Trace);
    }
}
