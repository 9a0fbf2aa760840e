using Broker.Core.Jobs;
using static Broker.Core.Jobs.JobState;

namespace Broker.Core.Tests.Jobs;

public class JobTransitionsTests
{
    /// <summary>A row a state; a column a signal, in their declared order: assigned, committed, challenged, requeued, completed, failed, cancelled, expired.</summary>
    private static readonly (JobState From, JobState?[] To)[] Table =
    [
        (Queued, [Running, null, null, null, null, Failed, Cancelled, Expired]),
        (Running, [Running, Committed, null, Queued, null, Failed, Cancelled, Expired]),
        (Committed, [null, null, Verifying, Queued, Completed, Failed, null, null]),
        (Verifying, [Running, null, null, Queued, Completed, Failed, null, null]),
        (Completed, [null, null, null, null, null, null, null, null]),
        (Failed, [null, null, null, null, null, null, null, null]),
        (Cancelled, [null, null, null, null, null, null, null, null]),
        (Expired, [null, null, null, null, null, null, null, null]),
    ];

    private static readonly JobSignal[] Signals =
    [
        JobSignal.Assigned, JobSignal.Committed, JobSignal.Challenged, JobSignal.Requeued,
        JobSignal.Completed, JobSignal.Failed, JobSignal.Cancelled, JobSignal.Expired,
    ];

    public static TheoryData<JobState, JobSignal, JobState?> Cells
    {
        get
        {
            var cells = new TheoryData<JobState, JobSignal, JobState?>();
            foreach (var (from, to) in Table)
            {
                for (var i = 0; i < Signals.Length; i++) cells.Add(from, Signals[i], to[i]);
            }

            return cells;
        }
    }

    [Fact]
    public void The_table_has_every_state_and_every_signal()
    {
        Assert.Equal(Enum.GetValues<JobState>(), Table.Select(row => row.From));
        Assert.Equal(Enum.GetValues<JobSignal>(), Signals);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_signal_leads_where_the_table_says(JobState from, JobSignal signal, JobState? to) => Assert.Equal(to, JobTransitions.Next(from, signal));

    [Theory]
    [InlineData(Queued, false)]
    [InlineData(Running, false)]
    [InlineData(Committed, false)]
    [InlineData(Verifying, false)]
    [InlineData(Completed, true)]
    [InlineData(Failed, true)]
    [InlineData(Cancelled, true)]
    [InlineData(Expired, true)]
    public void A_job_has_ended_in_four_states(JobState state, bool ended) => Assert.Equal(ended, state.IsEnded());
}
