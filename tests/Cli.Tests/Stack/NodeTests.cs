using Broker.Cli.Stack;

namespace Broker.Cli.Tests.Stack;

public sealed class NodeTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("broker-path-").FullName;

    [Theory]
    [InlineData("up")]
    [InlineData("demo")]
    public async Task Where_there_is_no_Node_a_stack_says_so_and_how_to_get_it(string command)
    {
        var (exitCode, error) = await RunAsync(command);
        Assert.Equal((int)ExitCode.Environment, exitCode);
        Assert.Equal(
            "error: Node.js was not found. The local storage emulator runs on it: install Node.js 20 or newer from https://nodejs.org, then try again.",
            error.Trim());
    }

    [Fact]
    public async Task An_old_Node_is_refused_by_its_version()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-in for Node is a script");
        var node = Path.Combine(_path, "node");
        await File.WriteAllTextAsync(node, "#!/bin/sh\necho v18.20.1\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(node, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var (exitCode, error) = await RunAsync("up");
        Assert.Equal((int)ExitCode.Environment, exitCode);
        Assert.StartsWith("error: Node.js v18.20.1 is too old.", error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    /// <summary>In a process of its own: the path belongs to the whole of this one.</summary>
    private async Task<(int ExitCode, string Error)> RunAsync(string command)
    {
        var start = DotNet.Command(typeof(CommandLine).Assembly.Location, command, "--no-build");
        start.RedirectStandardError = true;
        start.Environment["PATH"] = _path;
        using var process = System.Diagnostics.Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }
}
