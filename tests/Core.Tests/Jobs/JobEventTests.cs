using Broker.Core.Jobs;

namespace Broker.Core.Tests.Jobs;

public class JobEventTests
{
    private static readonly JobEvent Event = new(
        3, JobEventKind.Lost, Feasible.Noon, 1, 2, Feasible.WorkerId(), "silent", "aa", "");

    public static TheoryData<string, Func<JobEvent, JobEvent>> Changes => new()
    {
        { "number", e => e with { Number = 4 } },
        { "kind", e => e with { Kind = JobEventKind.Withdrawn } },
        { "at", e => e with { At = e.At.AddTicks(1) } },
        { "replica", e => e with { Replica = null } },
        { "attempt", e => e with { Attempt = 3 } },
        { "worker", e => e with { Worker = Feasible.WorkerId(2) } },
        { "text", e => e with { Text = "silent " } },
        { "previous hash", e => e with { PreviousHash = "ab" } },
        { "a digit moves from one field to the next", e => e with { Replica = 12, Attempt = null } },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_of_any_field_changes_the_hash(string what, Func<JobEvent, JobEvent> change)
    {
        Assert.NotEmpty(what);
        Assert.NotEqual(Event.ComputeHash(Feasible.JobId()), change(Event).ComputeHash(Feasible.JobId()));
    }

    [Fact]
    public void The_same_event_of_another_job_has_another_hash() =>
        Assert.NotEqual(Event.ComputeHash(Feasible.JobId()), Event.ComputeHash(Feasible.JobId(2)));

    [Fact]
    public void The_hash_is_of_the_moment_and_not_of_its_time_zone() =>
        Assert.Equal(Event.ComputeHash(Feasible.JobId()), (Event with { At = Event.At.ToOffset(TimeSpan.FromHours(5)) }).ComputeHash(Feasible.JobId()));

    [Fact]
    public void The_first_event_has_no_hash_before_it_and_the_second_has_the_first()
    {
        var job = Feasible.Job();
        Assert.Equal(1, job.EventCount);
        var second = JobEvent.Append(job, JobEventKind.Cancelled, Feasible.Noon, text: "no");
        Assert.Equal((2, job.LastEventHash), (second.Number, second.PreviousHash));
        Assert.Equal(second.Hash, second.ComputeHash(job.Id));
        Assert.Equal(64, second.Hash.Length);
    }
}
