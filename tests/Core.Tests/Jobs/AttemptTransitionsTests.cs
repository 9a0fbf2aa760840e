using Broker.Core.Jobs;
using static Broker.Core.Jobs.AttemptState;

namespace Broker.Core.Tests.Jobs;

public class AttemptTransitionsTests
{
    /// <summary>A row a state; a column a signal, in their declared order: started, committed, accepted, rejected, inconclusive, lost, withdrawn.</summary>
    private static readonly (AttemptState From, AttemptState?[] To)[] Table =
    [
        (Assigned, [Started, null, null, null, null, Lost, Withdrawn]),
        (Started, [Started, Committed, null, null, null, Lost, Withdrawn]),
        (Committed, [null, null, Accepted, Rejected, Inconclusive, Lost, Withdrawn]),
        (Accepted, [null, null, null, null, null, null, null]),
        (Rejected, [null, null, null, null, null, null, null]),
        (Inconclusive, [null, null, null, null, null, null, null]),
        (Lost, [null, null, null, null, null, null, null]),
        (Withdrawn, [null, null, null, null, null, null, null]),
    ];

    private static readonly AttemptSignal[] Signals =
    [
        AttemptSignal.Started, AttemptSignal.Committed, AttemptSignal.Accepted, AttemptSignal.Rejected,
        AttemptSignal.Inconclusive, AttemptSignal.Lost, AttemptSignal.Withdrawn,
    ];

    public static TheoryData<AttemptState, AttemptSignal, AttemptState?> Cells
    {
        get
        {
            var cells = new TheoryData<AttemptState, AttemptSignal, AttemptState?>();
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
        Assert.Equal(Enum.GetValues<AttemptState>(), Table.Select(row => row.From));
        Assert.Equal(Enum.GetValues<AttemptSignal>(), Signals);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_signal_leads_where_the_table_says(AttemptState from, AttemptSignal signal, AttemptState? to) =>
        Assert.Equal(to, AttemptTransitions.Next(from, signal));

    [Theory]
    [InlineData(Assigned, true, false)]
    [InlineData(Started, true, false)]
    [InlineData(Committed, false, false)]
    [InlineData(Accepted, false, true)]
    [InlineData(Rejected, false, true)]
    [InlineData(Inconclusive, false, true)]
    [InlineData(Lost, false, true)]
    [InlineData(Withdrawn, false, true)]
    public void An_attempt_is_live_then_committed_then_ended(AttemptState state, bool live, bool ended)
    {
        Assert.Equal(live, state.IsLive());
        Assert.Equal(ended, state.IsEnded());
    }
}
