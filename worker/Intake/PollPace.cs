namespace Broker.Worker.Intake;

/// <summary>How long to wait before looking into the queue again: often while jobs come, seldom while none do.</summary>
internal sealed class PollPace
{
    private const double Growth = 1.2;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private TimeSpan _pause = Shortest;

    /// <summary>A message came: the next may be near.</summary>
    public void Found() => _pause = Shortest;

    /// <summary>The pause after a look that found nothing.</summary>
    public TimeSpan FoundNothing()
    {
        var pause = _pause;
        _pause = pause * Growth < Longest ? pause * Growth : Longest;
        return pause;
    }
}
