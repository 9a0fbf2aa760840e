using Broker.Core.Api;
using Broker.Core.Jobs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Broker.Cli.Output;

/// <summary>Shows jobs as they go: a table drawn in place where the terminal can, else a line a change.</summary>
internal static class JobsDisplay
{
    // The table fits into 80 columns with it.
    private const int BarWidth = 8;

    /// <param name="console">Where to.</param>
    /// <param name="follow">Follows the jobs, and shows them whenever it has read them.</param>
    public static Task<T> RunAsync<T>(IAnsiConsole console, Func<Action<IReadOnlyList<JobView>>, Task<T>> follow)
    {
        if (!Terminal.IsLive(console)) return follow(new JobLines(console.Profile.Out.Writer).Show);
        return console.Live(new Text("")).StartAsync(context => follow(jobs =>
        {
            context.UpdateTarget(Draw(jobs, console.Profile.Capabilities.Unicode));
            context.Refresh();
        }));
    }

    private static Table Draw(IReadOnlyList<JobView> jobs, bool unicode)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var header in (string[])["name", "state", "worker", "price", "elapsed", "blocks done"]) table.AddColumn(new TableColumn(header).NoWrap());
        foreach (var job in jobs)
        {
            table.AddRow(
                new Text(job.Name), new Text(Words.State(job.State), new Style(Colour(job.State))), new Text(Words.Worker(job)),
                new Text(Words.Price(job.Price ?? job.Quote)), new Text(Words.Duration(Words.Elapsed(job, DateTimeOffset.UtcNow))), Bar(job, unicode));
        }

        return table;
    }

    private static IRenderable Bar(JobView job, bool unicode)
    {
        var done = (int)Math.Round(Words.Part(job) * BarWidth);
        var bar = new string(unicode ? '━' : '#', done) + new string(unicode ? '─' : '.', BarWidth - done);
        var blocks = Words.Blocks(job);
        return new Text($"{bar} {(blocks.Length > 0 ? blocks : Words.Percent(job)),9}", new Style(Colour(job.State)));
    }

    private static Color Colour(JobState state) => state switch
    {
        JobState.Completed => Color.Green,
        JobState.Failed or JobState.Expired => Color.Red,
        JobState.Cancelled => Color.Yellow,
        JobState.Queued => Color.Grey,
        _ => Color.Aqua,
    };
}
