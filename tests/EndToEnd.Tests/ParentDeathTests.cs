using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broker.Client;
using Broker.Core.Jobs;
using Broker.Tests;

namespace Broker.EndToEnd.Tests;

public sealed class ParentDeathTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_outlives_a_command_line_that_was_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the children of a process are read from /proc");
        var start = new ProcessStartInfo("dotnet", [Repository.Assembly("cli", "broker"), "up", "--json", "--no-build"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var up = Process.Start(start)!;
        try
        {
            var ready = await up.StandardOutput.ReadLineAsync(Token);
            var broker = JsonDocument.Parse(ready!).RootElement;

            // A worker that runs something would drain for a minute.
            using var submitter = BrokerClient.Create(new Uri(broker.GetProperty("url").GetString()!), broker.GetProperty("submitterKey").GetString());
            var job = await submitter.SubmitAsync(HostileKernels.Endless, "endless", 1, 1, 1024, []);
            await submitter.WaitAsync(job.Id, view => view.Attempts.Any(attempt => attempt.State == AttemptState.Started));
            var children = ChildrenOf(up.Id);
            Assert.Equal(4, children.Count);
            up.Kill();
            var clock = Stopwatch.StartNew();
            while (children.Any(IsAlive))
            {
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "a part of the stack is still there after 30 s");
                await Task.Delay(100, Token);
            }
        }
        finally
        {
            if (!up.HasExited) up.Kill(entireProcessTree: true);
        }
    }

    private static List<int> ChildrenOf(int parent) =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(id => StatusOf(id) is { } status && status.Parent == parent)];

    private static bool IsAlive(int process) => StatusOf(process) is { State: not 'Z' };

    private static (char State, int Parent)? StatusOf(int process)
    {
        try
        {
            // The name in brackets may hold anything: the fields that follow it are found from the last bracket.
            var fields = File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
