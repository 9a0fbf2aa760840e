using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Cli.Output;

/// <summary>Shows jobs as they go in lines that a file or a log can hold: one where a job's state, worker or quarter of its work changes.</summary>
internal sealed class JobLines(TextWriter writer)
{
    private readonly Dictionary<JobId, string> _said = [];

    public void Show(IReadOnlyList<JobView> jobs)
    {
        foreach (var job in jobs)
        {
            var line = Line(job, job.State == JobState.Running ? $"{(int)(Words.Part(job) * 4) * 25} % done" : "");
            if (_said.TryGetValue(job.Id, out var before) && before == line) continue;
            _said[job.Id] = line;

            // Only a quarter is worth a line, and the line then tells the blocks.
            var blocks = Words.Blocks(job) is { Length: > 0 } done ? $", {done} blocks" : "";
            writer.WriteLine($"{Words.Duration(Words.Elapsed(job, DateTimeOffset.UtcNow)),8}  {Terminal.Printable(line + blocks)}");
        }
    }

    private static string Line(JobView job, string part)
    {
        var line = $"{job.Name}: {Words.State(job.State)}";
        if (part.Length > 0) line += $" on {Words.Worker(job)}, {part}";
        if (job.Price is { } price) line += $" for {price} credits";
        if (job.Reason is { } reason) line += $": {reason}";
        return line;
    }
}
