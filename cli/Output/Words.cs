using System.Globalization;
using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Jobs;

namespace Broker.Cli.Output;

/// <summary>Values as people read them.</summary>
internal static class Words
{
    public static string State(JobState state) => state.ToString().ToLowerInvariant();

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Price(Money? price) => price?.ToString() ?? "";

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        { TotalHours: < 1 } => $"{time.Minutes} min {time.Seconds} s",
        _ => $"{(long)time.TotalHours} h {time.Minutes} min",
    };

    /// <summary>A size in the unit that keeps it short; powers of 1024, as in job documents.</summary>
    public static string Bytes(long bytes)
    {
        var (size, unit) = bytes switch
        {
            >= 1L << 30 => (bytes / (double)(1L << 30), "GB"),
            >= 1L << 20 => (bytes / (double)(1L << 20), "MB"),
            >= 1L << 10 => (bytes / (double)(1L << 10), "KB"),
            _ => (bytes, "B"),
        };
        return size.ToString("0.#", CultureInfo.InvariantCulture) + " " + unit;
    }

    public static string Capability(int timesTen) => $"{timesTen / 10}.{timesTen % 10}";

    /// <summary>The part that is done, from 0 to 1.</summary>
    public static double Part(JobView job) => job.State switch
    {
        JobState.Completed => 1,
        _ => job.Progress is { BlocksTotal: > 0 } progress ? Math.Clamp(progress.BlocksDone / (double)progress.BlocksTotal, 0, 1) : 0,
    };

    /// <summary>The blocks that are done of all in all steps, such as <c>3672/8160</c>; nothing where none has been told.</summary>
    public static string Blocks(JobView job) =>
        !job.State.IsEnded() && job.Progress is { BlocksTotal: > 0 } progress ? $"{Count(progress.BlocksDone)}/{Count(progress.BlocksTotal)}" : "";

    /// <summary>A number in at most five characters.</summary>
    public static string Count(long number)
    {
        var (shown, unit) = number switch
        {
            >= 1_000_000_000 => (number / 1e9, "G"),
            >= 1_000_000 => (number / 1e6, "M"),
            >= 10_000 => (number / 1e3, "k"),
            _ => (number, ""),
        };

        // Rounded down: what is not done is never shown as done.
        return shown >= 100 || unit.Length == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(shown):0}{unit}")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(shown * 10) / 10:0.#}{unit}");
    }

    public static string Percent(JobView job) => Part(job).ToString("0 %", CultureInfo.InvariantCulture);

    /// <summary>The worker of the latest attempt.</summary>
    public static string Worker(JobView job) => job.Attempts.IsDefaultOrEmpty ? "" : job.Attempts[^1].WorkerName;

    /// <summary>From submission to now, or to the end.</summary>
    public static TimeSpan Elapsed(JobView job, DateTimeOffset now)
    {
        var elapsed = (job.EndedAt ?? now) - job.SubmittedAt;
        return elapsed > TimeSpan.Zero ? elapsed : TimeSpan.Zero;
    }
}
