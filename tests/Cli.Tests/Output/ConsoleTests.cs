using System.Diagnostics;
using System.Text.RegularExpressions;
using Broker.Cli.Stack;
using Broker.Cli.Tests.Commands;
using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Tests;

namespace Broker.Cli.Tests.Output;

/// <summary>What comes to a terminal, to a pipe, and to one that is closed.</summary>
public sealed partial class ConsoleTests
{
    private const char Escape = '\u001b';

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_terminal_that_can_is_drawn_on_in_colours()
    {
        var drawn = await WatchOnTerminalAsync("xterm-256color");
        Assert.Matches(CursorMoves(), drawn);
        Assert.Matches(Colours(), drawn);
    }

    [Fact]
    public async Task NO_COLOR_takes_the_colours_away()
    {
        var drawn = await WatchOnTerminalAsync("xterm-256color", noColor: true);
        Assert.Contains("completed", drawn, StringComparison.Ordinal);
        Assert.DoesNotMatch(Colours(), drawn);
    }

    [Fact]
    public async Task A_dumb_terminal_gets_lines_and_nothing_else()
    {
        var drawn = await WatchOnTerminalAsync("dumb");
        Assert.Contains("saxpy: completed", drawn, StringComparison.Ordinal);
        Assert.DoesNotContain(Escape, drawn);
    }

    [Fact]
    public async Task A_pipe_gets_lines_and_nothing_else()
    {
        await using var broker = Completing();
        var run = (await CommandProcess.RunAsync(Settings(broker, "xterm-256color"), "watch", $"{Views.Id}")).Ends(ExitCode.Ok);
        Assert.StartsWith($"Job {Views.Id} (saxpy) is completed", run.Output, StringComparison.Ordinal);
        Assert.Contains("saxpy: completed", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Escape, run.Output + run.Error);
    }

    [Fact]
    public async Task A_reader_that_has_had_enough_ends_a_list_quietly()
    {
        // More than a pipe holds.
        await using var broker = new FakeBroker().Answer("GET /api/jobs?limit=20", new Page<JobSummary>([.. Enumerable.Repeat(Views.Summary(JobState.Queued), 5_000)]));
        using var process = Start(broker, "jobs");
        Assert.StartsWith("ID ", await process.StandardOutput.ReadLineAsync(Cancellation), StringComparison.Ordinal);
        process.StandardOutput.Close();
        Assert.Equal("", await process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal(0, process.ExitCode);
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("logs", "--follow")]
    public async Task Ctrl_C_ends_what_waits_with_130_and_a_line(params string[] command)
    {
        Interrupt.Require();
        await using var broker = new FakeBroker()
            .Answer($"GET /api/jobs/{Views.Id}", Views.Job(JobState.Running))
            .Answer($"GET /api/jobs/{Views.Id}/events?after=0&wait=2", new Page<JobEvent>([]))
            .Answer($"GET /api/jobs/{Views.Id}/events?after=0&wait=20", new Page<JobEvent>([]));
        using var process = Start(broker, [.. command, $"{Views.Id}"]);
        while (broker.Received.Count < 3) await Task.Delay(20, Cancellation);

        await Interrupt.SendAsync(process);
        var error = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        Assert.Equal((int)ExitCode.Cancelled, process.ExitCode);
        Assert.EndsWith($"Cancelled.{Environment.NewLine}", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static FakeBroker Completing() => new FakeBroker()
        .Answer($"GET /api/jobs/{Views.Id}", Views.Job(JobState.Running))
        .Answer($"GET /api/jobs/{Views.Id}", Views.Job(JobState.Completed))
        .Answer($"GET /api/jobs/{Views.Id}/events?after=0&wait=2", new Page<JobEvent>([]));

    private static Dictionary<string, string> Settings(FakeBroker broker, string terminal) =>
        new() { ["BROKER_URL"] = broker.Url.AbsoluteUri, ["BROKER_KEY"] = FakeBroker.Key, ["TERM"] = terminal };

    /// <summary>Runs it on a terminal that <c>script</c> makes, and gives what came there.</summary>
    private static async Task<string> WatchOnTerminalAsync(string terminal, bool noColor = false)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "there is no program that makes a terminal");
        await using var broker = Completing();
        var start = new ProcessStartInfo("script", ["-qec", $"dotnet '{typeof(CommandLine).Assembly.Location}' watch {Views.Id}", "/dev/null"]);

        // The one who runs the tests may have it set.
        if (noColor) start.Environment["NO_COLOR"] = "1";
        else start.Environment.Remove("NO_COLOR");
        return (await CommandProcess.RunAsync(start, Settings(broker, terminal))).Ends(ExitCode.Ok).Output;
    }

    private static Process Start(FakeBroker broker, params string[] args)
    {
        var start = DotNet.Command([typeof(CommandLine).Assembly.Location, .. args]);
        foreach (var (name, value) in Settings(broker, "xterm")) start.Environment[name] = value;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        return Process.Start(start)!;
    }

    [GeneratedRegex(@"\u001b\[[0-9]*[A-K]")]
    private static partial Regex CursorMoves();

    [GeneratedRegex(@"\u001b\[[0-9;]*(3[0-9]|9[0-7])[0-9;]*m")]
    private static partial Regex Colours();
}
