using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Core.Tests.Verification;

public class LaunchListTests
{
    private static readonly LaunchList List = new(Feasible.Document() with
    {
        Steps =
        [
            Feasible.Step("a") with { Grid = new Dimensions(2, 3, 1), Repeat = 1 },
            Feasible.Step("b") with { Grid = new Dimensions(1, 1, 1), Repeat = 3 },
            Feasible.Step("c") with { Grid = new Dimensions(2, 2, 2), Repeat = 2 },
        ],
    });

    [Fact]
    public void Each_repetition_of_a_step_is_a_launch()
    {
        Assert.Equal((6, 6 + 3 + 16L), (List.Count, List.Blocks));
        Assert.Equal(["a", "b", "b", "b", "c", "c"], Enumerable.Range(0, 6).Select(launch => List.StepOf(launch).Kernel));
        Assert.Equal([0, 1, 1, 1, 2, 2], Enumerable.Range(0, 6).Select(List.StepIndexOf));
    }

    [Fact]
    public void Blocks_stand_in_a_row_launch_after_launch()
    {
        var row = Enumerable.Range(0, (int)List.Blocks).Select(place => List.At(place)).ToList();
        Assert.Equal(row, Enumerable.Range(0, 6).SelectMany(launch => Enumerable.Range(0, (int)List.StepOf(launch).Grid.Count).Select(block => new BlockIndex(launch, block))));
        Assert.Equal(Enumerable.Range(0, (int)List.Blocks).Select(place => (long)place), row.Select(List.PlaceOf));
    }

    [Fact]
    public void What_is_past_the_end_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => List.At(25));
        Assert.Throws<ArgumentOutOfRangeException>(() => List.At(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => List.StepOf(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => List.StepOf(-1));
    }
}
