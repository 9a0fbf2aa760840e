using Broker.Core.Jobs;

namespace Broker.Simulation.Tests;

public class FaultMatrixTests
{
    /// <summary>A write that is new, or gone, changes the page: make it again, and look at what changed.</summary>
    [Fact]
    public void Every_job_ends_once_whatever_goes_wrong_at_whichever_write() =>
        Assert.Equal(File.ReadAllText(Path.Combine(Repository.Root, "docs", "measurements", "fault-matrix.md")), FaultReport.Make());

    [Fact]
    public void Cancelling_at_any_moment_has_one_outcome()
    {
        var ends = Enumerable.Range(0, 120).Select(tenth => Assert.Single(FaultMatrix.RunWithoutFault(
            new Story("cancelled at some time", [JobState.Cancelled, JobState.Completed]) { CancelAfterSeconds = tenth / 10.0 }))).ToList();
        Assert.Equal(JobState.Cancelled, ends[0]);
        Assert.Equal(JobState.Completed, ends[^1]);
    }

    [Fact]
    public void Every_story_ends_as_it_should_where_nothing_goes_wrong() => Assert.All(
        FaultMatrix.Stories, story => Assert.All(FaultMatrix.RunWithoutFault(story), end => Assert.Equal(story.Ends[0], end)));
}
