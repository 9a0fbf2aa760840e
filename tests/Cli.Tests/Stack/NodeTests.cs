using Broker.Cli.Tests.Commands;

namespace Broker.Cli.Tests.Stack;

public sealed class NodeTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("broker-path-").FullName;

    [Theory]
    [InlineData("up")]
    [InlineData("demo")]
    public async Task Where_there_is_no_Node_a_stack_says_so_and_how_to_get_it(string command)
    {
        var run = (await RunAsync(command)).Ends(ExitCode.Environment);
        Assert.Equal(
            "error: Node.js was not found. The local storage emulator runs on it: install Node.js 20 or newer from https://nodejs.org, then try again.",
            run.Error.Trim());
    }

    [Fact]
    public async Task An_old_Node_is_refused_by_its_version()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-in for Node is a script");
        var node = Path.Combine(_path, "node");
        await File.WriteAllTextAsync(node, "#!/bin/sh\necho v18.20.1\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(node, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var run = (await RunAsync("up")).Ends(ExitCode.Environment);
        Assert.StartsWith("error: Node.js v18.20.1 is too old.", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private Task<CommandRun> RunAsync(string command) =>
        CommandProcess.RunAsync(new Dictionary<string, string> { ["PATH"] = _path }, command, "--no-build");
}
