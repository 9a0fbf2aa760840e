using System.CommandLine;
using System.CommandLine.Help;
using Broker.Cli.Connection;
using Broker.Cli.Output;
using Broker.Client;

namespace Broker.Cli.Commands;

/// <summary>The options that every command has, and what a command makes of them.</summary>
internal sealed class GlobalOptions
{
    private readonly Option<string?> _url = new("--url") { Description = "The broker's URL; else BROKER_URL, else what `broker login` stored", HelpName = "URL", Recursive = true };
    private readonly Option<string?> _key = new("--key") { Description = "The key of an account; else BROKER_KEY, else what `broker login` stored", HelpName = "KEY", Recursive = true };
    private readonly Option<bool> _json = new("--json") { Description = "Answer in JSON on stdout; words go to stderr", Recursive = true };
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    public GlobalOptions(RootCommand root, TextWriter output, TextWriter error)
    {
        (_output, _error) = (output, error);

        // Of the built-in names /? and /h are the start of a path on most systems.
        root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Add(new HelpOption("--help", "-h", "-?") { Action = new CommandWithExamples.Help() });
        root.Add(_url);
        root.Add(_key);
        root.Add(_json);
    }

    public Terminal OpenTerminal(ParseResult parsed) => new(_output, _error, parsed.GetValue(_json));

    /// <summary>The client of the broker that commands speak to.</summary>
    /// <exception cref="CommandException">None is named.</exception>
    public BrokerClient Connect(ParseResult parsed)
    {
        var login = RequireLogin(parsed);
        return BrokerClient.Create(login.Url, login.Key);
    }

    /// <summary>The broker and the key that the options name, else the environment, else the stored login.</summary>
    /// <exception cref="CommandException">None of them does.</exception>
    public StoredLogin RequireLogin(ParseResult parsed)
    {
        var login = StoredLogin.Find();
        var url = FindUrl(parsed) ?? login?.Url
            ?? throw new CommandException(ExitCode.Refused, "No broker is named: pass --url, set BROKER_URL, or run `broker login --url URL --key KEY`; `broker up` starts one on this machine.");
        var key = FindKey(parsed) ?? (login?.Url == url ? login.Key : null)
            ?? throw new CommandException(ExitCode.Refused, $"No key for {url.AbsoluteUri} is known: pass --key, set BROKER_KEY, or run `broker login --url URL --key KEY`.");
        return new StoredLogin(url, key);
    }

    /// <summary>The key of the broker: of the one that is named, else of the one that <c>broker login</c> stored.</summary>
    /// <returns>Null where it is not known; no broker needs to be reached for a stored one.</returns>
    public async Task<string?> FindBrokerKeyAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var login = StoredLogin.Find();
        if (FindUrl(parsed) is not { } url || url == login?.Url) return login?.BrokerKey;
        using var client = BrokerClient.Create(url, FindKey(parsed));
        return await BrokerKeys.ReadAsync(client, cancellation);
    }

    /// <exception cref="CommandException">It is not the URL of a web server.</exception>
    public Uri? FindUrl(ParseResult parsed)
    {
        if (UrlText(parsed) is not { } text) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : throw new CommandException(ExitCode.BadInput, $"'{text}' is not a broker's URL: write one such as https://broker.example.com.");
    }

    /// <summary>Whether an option or the environment names a broker, rightly or not.</summary>
    public bool IsUrlNamed(ParseResult parsed) => UrlText(parsed) is not null;

    public string? FindKey(ParseResult parsed) => parsed.GetValue(_key) ?? Variable("BROKER_KEY");

    /// <summary>Gives a command what it does: it ends with an exit code, or with an exception that the command line turns into one.</summary>
    public void SetAction(Command command, Func<ParseResult, Terminal, CancellationToken, Task<ExitCode>> run) =>
        command.SetAction(async (parsed, cancellation) => (int)await run(parsed, OpenTerminal(parsed), cancellation));

    /// <summary>A command that only holds others answers with its help.</summary>
    public static void SetHelp(Command command) => command.SetAction(parsed =>
    {
        new CommandWithExamples.Help().Invoke(parsed);
        return (int)ExitCode.BadInput;
    });

    private string? UrlText(ParseResult parsed) => parsed.GetValue(_url) ?? Variable("BROKER_URL");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
