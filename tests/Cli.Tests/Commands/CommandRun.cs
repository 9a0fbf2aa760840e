using System.Text.Json;

namespace Broker.Cli.Tests.Commands;

/// <summary>What a command answered.</summary>
internal sealed record CommandRun(ExitCode Code, string Output, string Error)
{
    /// <summary>The lines of stdout, each a JSON object.</summary>
    public IReadOnlyList<JsonElement> Json =>
        [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Runs the command line in this process.</summary>
    public static async Task<CommandRun> RunAsync(params IReadOnlyList<string> args)
    {
        using StringWriter output = new(), error = new();
        var code = await CommandLine.RunAsync(args, output, error, TestContext.Current.CancellationToken);
        return new CommandRun((ExitCode)code, output.ToString(), error.ToString());
    }

    /// <summary>Runs it against a broker.</summary>
    public static Task<CommandRun> RunAsync(FakeBroker broker, params IReadOnlyList<string> args) =>
        RunAsync([.. args, "--url", broker.Url.AbsoluteUri, "--key", FakeBroker.Key]);

    public CommandRun Ends(ExitCode code)
    {
        Assert.True(Code == code, $"ended with {Code}, not {code}{Environment.NewLine}{Output}{Error}");
        return this;
    }
}
