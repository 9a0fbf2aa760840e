using System.Diagnostics;
using System.Text.Json;
using Broker.Cli;
using Broker.Tests;

namespace Broker.EndToEnd.Tests;

public sealed class InterruptTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ctrl_C_stops_a_stack_with_130_and_no_more_than_lines()
    {
        Interrupt.Require();
        var start = new ProcessStartInfo("dotnet", [Repository.Assembly("cli", "broker"), "up", "--json", "--no-build"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var up = Process.Start(start)!;
        try
        {
            var ready = await up.StandardOutput.ReadLineAsync(Token);
            Assert.StartsWith("http://127.0.0.1:", JsonDocument.Parse(ready!).RootElement.GetProperty("url").GetString(), StringComparison.Ordinal);
            await Interrupt.SendAsync(up);
            var said = await Task.WhenAll(up.StandardOutput.ReadToEndAsync(Token), up.StandardError.ReadToEndAsync(Token));
            await up.WaitForExitAsync(Token);
            Assert.Equal((int)ExitCode.Cancelled, up.ExitCode);
            Assert.Equal("", said[0]);
            Assert.EndsWith($"Stopping.{Environment.NewLine}Cancelled.{Environment.NewLine}", said[1], StringComparison.Ordinal);
        }
        finally
        {
            if (!up.HasExited) up.Kill(entireProcessTree: true);
        }
    }
}
