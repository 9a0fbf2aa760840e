using System.Diagnostics;
using Broker.Core.Api;
using Broker.Core.Jobs;

namespace Broker.Cli.Tests.Commands;

public sealed class CompletionCommandTests
{
    /// <summary>Does what bash does when Tab is pressed after a line.</summary>
    private const string PressTab = """
        source <("$@")
        while IFS= read -r COMP_LINE; do
            COMP_POINT=${#COMP_LINE} COMP_WORDS=($COMP_LINE) COMPREPLY=()
            [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            "$(complete -p broker | sed 's/.*-F \([^ ]*\).*/\1/')"
            echo "${COMPREPLY[*]}"
        done <<< "$LINES_TYPED"
        """;

    [Fact]
    public async Task Bash_completes_commands_options_values_and_job_ids()
    {
        await using var broker = new FakeBroker().Answer("GET /api/jobs", new Page<JobSummary>([Views.Summary(JobState.Running)]));
        var completed = await PressTabAsync(broker.Url.AbsoluteUri, "broker wat", "broker submit --gr", "broker jobs --state q", "broker kernels a", "broker show 0123", "broker receipt ver", "broker ");
        Assert.Equal(["watch", "--grid", "queued", "analyze", $"{Views.Id}", "verify"], completed[..6]);
        Assert.Contains("submit", completed[6].Split(' '));
    }

    [Fact]
    public async Task Without_a_broker_there_are_no_ids_and_no_message()
    {
        Assert.Equal([""], await PressTabAsync("http://127.0.0.1:9", "broker show 0123"));
        var run = (await CommandProcess.RunAsync(Login("http://127.0.0.1:9"), "[suggest:9]", "show 0123")).Ends(ExitCode.Ok);
        Assert.Equal(("", ""), (run.Output.Trim(), run.Error));
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _broker broker")]
    [InlineData("zsh", "compdef _broker broker")]
    [InlineData("fish", "complete --command broker")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName broker")]
    public async Task Each_shell_has_a_script_that_asks_this_program(string shell, string line)
    {
        var run = (await CommandRun.RunAsync("completion", shell)).Ends(ExitCode.Ok);
        Assert.Contains(line, run.Output, StringComparison.Ordinal);
        Assert.Contains($"'{Environment.ProcessPath}'", run.Output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", run.Output, StringComparison.Ordinal);
    }

    private static async Task<string[]> PressTabAsync(string url, params string[] lines)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "there is no bash");
        var start = new ProcessStartInfo("/bin/bash", ["-c", PressTab, "bash", "dotnet", typeof(CommandLine).Assembly.Location, "completion", "bash"]);
        var run = (await CommandProcess.RunAsync(start, new Dictionary<string, string>(Login(url)) { ["LINES_TYPED"] = string.Join('\n', lines) })).Ends(ExitCode.Ok);
        Assert.Equal("", run.Error);
        return run.Output.TrimEnd('\n').Split('\n');
    }

    private static Dictionary<string, string> Login(string url) => new() { ["BROKER_URL"] = url, ["BROKER_KEY"] = FakeBroker.Key };
}
