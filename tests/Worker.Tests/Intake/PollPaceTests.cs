using Broker.Worker.Intake;

namespace Broker.Worker.Tests.Intake;

public class PollPaceTests
{
    [Fact]
    public void It_slows_down_to_a_second_and_a_message_makes_it_quick_again()
    {
        var pace = new PollPace();
        var pauses = Enumerable.Range(0, 40).Select(_ => pace.FoundNothing()).ToList();
        Assert.Equal(TimeSpan.FromMilliseconds(25), pauses[0]);
        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal(TimeSpan.FromSeconds(1), pauses[^1]);
        pace.Found();
        Assert.Equal(TimeSpan.FromMilliseconds(25), pace.FoundNothing());
    }
}
