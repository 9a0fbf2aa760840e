using System.CommandLine;
using Broker.Cli.Connection;
using Broker.Client;

namespace Broker.Cli.Commands;

/// <summary><c>broker login</c>: stores a broker and a key, once they are seen to work.</summary>
internal static class LoginCommand
{
    public static Command Create(GlobalOptions global)
    {
        var command = new Command("login", "Store a broker's URL and a key for the commands that follow: broker login --url URL --key KEY");
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            var login = new StoredLogin(
                global.FindUrl(parsed) ?? throw Missing("--url URL"), global.FindKey(parsed) ?? throw Missing("--key KEY"));
            using var client = BrokerClient.Create(login.Url, login.Key);
            var account = await client.ReadAccountAsync(cancellation);
            login.Save();
            terminal.Answer(account, () => terminal.Say(
                $"Logged in to {login.Url.AbsoluteUri} as {account.Name} ({string.Join(", ", account.Roles.Select(role => role.ToString().ToLowerInvariant()))}). " +
                $"Stored in {StoredLogin.FilePath}."));
            return ExitCode.Ok;
        });
        return command;
    }

    private static CommandException Missing(string option) =>
        new(ExitCode.BadInput, $"{option} is missing: the broker's operator gives you both: broker login --url URL --key KEY.");
}
