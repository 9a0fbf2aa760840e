namespace Broker.Ptx.Tests.Hostile;

/// <summary>Tries texts where neither a deep recursion nor an endless loop can pass unseen.</summary>
internal static class Watched
{
    // A thread of the pool may have as little; and no trial comes near the time, even on a machine that is busy.
    private const int StackBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static IReadOnlySet<string> Try(string text)
    {
        IReadOnlySet<string>? seen = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                seen = Trial.Run(text);
            }
            catch (Exception e)
            {
                failure = e;
            }
        }, StackBytes)
        { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(Patience), "the trial does not end");
        if (failure is not null) throw new InvalidDataException(failure.ToString(), failure);
        return seen!;
    }

    /// <summary>Says how a trial failed, or gives null.</summary>
    public static string? Find(string text)
    {
        try
        {
            Try(text);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}
