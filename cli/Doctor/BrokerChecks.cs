using System.Globalization;
using Broker.Cli.Connection;
using Broker.Client;

namespace Broker.Cli.Doctor;

/// <summary>Asks the broker that commands would use whether it answers and whom it takes this user for.</summary>
/// <param name="login">Finds that broker and the key, or throws what is wrong with them.</param>
/// <param name="source">Where the broker is named; null where it is not.</param>
internal sealed class BrokerChecks(Func<StoredLogin> login, string? source)
{
    /// <summary>A broker that is there answers in this time, the client's own tries included.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The Date header has whole seconds, and answers take a while.</summary>
    private static readonly TimeSpan LargestDifference = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellation)
    {
        if (source is null)
            return [new Finding("login", FindingState.Missing, Needed: false, "no broker is named: `broker up` starts one on this machine, `broker login --url URL --key KEY` stores another.")];
        StoredLogin found;
        try
        {
            found = login();
        }
        catch (CommandException e)
        {
            return [new Finding("login", FindingState.Wrong, Needed: true, e.Message)];
        }

        return [new Finding("login", FindingState.Ok, Needed: true, $"{found.Url.AbsoluteUri}, {source}"), .. await AskAsync(found, cancellation)];
    }

    /// <summary>Whether two clocks agree well enough.</summary>
    internal static Finding Compare(DateTimeOffset theirs, DateTimeOffset ours)
    {
        var difference = ours - theirs;
        if (difference.Duration() <= LargestDifference) return new Finding("clock", FindingState.Ok, Needed: false, $"differs from the broker's by less than {Seconds(LargestDifference)}");
        var direction = difference > TimeSpan.Zero ? "ahead of" : "behind";
        return new Finding("clock", FindingState.Wrong, Needed: false, $"{Seconds(difference.Duration())} {direction} the broker's, and times are shown that much wrong: set this machine's clock.");
    }

    private static async Task<IReadOnlyList<Finding>> AskAsync(StoredLogin login, CancellationToken cancellation)
    {
        using var clocks = new ClockReading();
        using var client = BrokerClient.Create(login.Url, login.Key, clocks);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(Patience);
        var broker = await AskAsync("broker", async token => $"version {(await client.ReadHealthAsync(token)).Version} answers", limited.Token, cancellation);
        var clock = clocks.Latest is { } read ? Compare(read.Theirs, read.Ours) : Unseen("clock");
        if (broker.State != FindingState.Ok) return [broker, Unseen("account"), clock];
        var account = await AskAsync(
            "account",
            async token =>
            {
                var view = await client.ReadAccountAsync(token);
                return $"{view.Name} ({string.Join(", ", view.Roles.Select(role => role.ToString().ToLowerInvariant()))})";
            },
            limited.Token, cancellation);
        return [broker, account, clock];
    }

    private static async Task<Finding> AskAsync(string name, Func<CancellationToken, Task<string>> ask, CancellationToken limited, CancellationToken cancellation)
    {
        try
        {
            return new Finding(name, FindingState.Ok, Needed: true, await ask(limited));
        }
        catch (BrokerException e)
        {
            return new Finding(name, e.Problem.Status == 0 ? FindingState.Missing : FindingState.Wrong, Needed: true, $"{e.Message}. {BrokerTrouble.Remedy(e)}".TrimEnd());
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Finding(name, FindingState.Missing, Needed: true, $"does not answer within {Seconds(Patience)}: try again, or `broker login --url URL --key KEY` stores another.");
        }
    }

    private static Finding Unseen(string name) => new(name, FindingState.Unknown, Needed: false, "the broker does not answer");

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + " s";
}
