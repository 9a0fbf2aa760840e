using System.CommandLine;
using Broker.Cli.Connection;
using Broker.Client;

namespace Broker.Cli.Commands;

/// <summary><c>broker login</c>: stores a broker and a key, once they are seen to work.</summary>
internal static class LoginCommand
{
    public static Command Create(GlobalOptions global)
    {
        var command = new CommandWithExamples(
            "login", "Store a broker's URL and an account's key for the commands that follow, once they are seen to work",
            "broker login --url https://broker.example.com --key bk_...    # `broker up` prints both for a broker of your own");
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            var login = new StoredLogin(
                global.FindUrl(parsed) ?? throw Missing("--url URL"), global.FindKey(parsed) ?? throw Missing("--key KEY"));
            using var client = BrokerClient.Create(login.Url, login.Key);
            var account = await client.ReadAccountAsync(cancellation);
            login = login with { BrokerKey = await BrokerKeys.ReadAsync(client, cancellation) };
            if (StoredLogin.Find() is { BrokerKey: { } before } known && known.Url == login.Url && before != login.BrokerKey)
                terminal.Note($"The broker signs with another key than at the latest login. Receipts of before need --broker-key {before}");
            login.Save();
            terminal.Answer(account, () => terminal.Say(
                $"Logged in to {login.Url.AbsoluteUri} as {account.Name} ({string.Join(", ", account.Roles.Select(role => role.ToString().ToLowerInvariant()))}). " +
                $"Stored in {StoredLogin.FilePath}. Next: broker submit --help    Your jobs: broker jobs"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static CommandException Missing(string option) =>
        new(ExitCode.BadInput, $"{option} is missing: the broker's operator gives you both: broker login --url URL --key KEY.");
}
