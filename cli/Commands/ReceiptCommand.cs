using System.CommandLine;
using Broker.Cli.Output;
using Broker.Cli.Receipts;
using Broker.Client;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Cli.Commands;

/// <summary><c>broker receipt</c>: what is proven of a job's result.</summary>
internal static class ReceiptCommand
{
    public static Command Create(GlobalOptions global)
    {
        var id = JobIdArgument.One(global);
        var file = new Option<string?>("--out") { Description = "Save the receipt as JSON; with --all a file for each, its attempt in the name", HelpName = "FILE" };
        var all = new Option<bool>("--all") { Description = "The receipts of all attempts that were judged, not of the last alone" };
        var command = new CommandWithExamples(
            "receipt", "Show what is proven of a job's result, and who signed it; with --json the receipt itself",
            "broker receipt 0123456789abcdef01234567 --out receipt.json",
            "broker receipt verify receipt.json --inputs data --outputs results   # does all of it again, on this machine")
        {
            id, file, all,
        };
        command.Add(VerifyReceiptCommand.Create(global));
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var receipts = await ReadAsync(client, parsed.GetValue(id), parsed.GetValue(all), cancellation);
            var brokerKey = await global.FindBrokerKeyAsync(parsed, cancellation);
            var holds = true;
            foreach (var receipt in receipts)
            {
                if (parsed.GetValue(file) is { } path) await SaveAsync(parsed.GetValue(all) ? PathFor(path, receipt) : path, receipt, terminal, cancellation);
                terminal.Answer(receipt, () => Say(terminal, receipt));
                holds &= Check(terminal, receipt, brokerKey);
            }

            return holds ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<IReadOnlyList<Receipt>> ReadAsync(BrokerClient client, JobId job, bool all, CancellationToken cancellation) =>
        all ? (await client.ListReceiptsAsync(job, cancellation)).Items : [await client.ReadReceiptAsync(job, cancellation)];

    private static void Say(Terminal terminal, Receipt receipt)
    {
        foreach (var line in ReceiptWords.Describe(receipt)) terminal.Say(line);
    }

    /// <summary>Says who signed, and what of the receipt does not hold.</summary>
    private static bool Check(Terminal terminal, Receipt receipt, string? brokerKey)
    {
        var wrong = ReceiptCheck.Check(receipt, brokerKey).Where(finding => !finding.Holds).ToList();
        foreach (var finding in wrong) terminal.Note($"WRONG {finding.Name}: {finding.Says}");
        if (wrong.Count == 0) terminal.Note(brokerKey is null ? "Its signatures hold; whose they are is not known: `broker login` stores the broker's key." : "Its signatures hold, and one is the broker's.");
        return wrong.Count == 0;
    }

    private static async Task SaveAsync(string path, Receipt receipt, Terminal terminal, CancellationToken cancellation)
    {
        await ReceiptFile.SaveAsync(path, receipt, cancellation);
        terminal.Note($"Saved {path}. Do it again on this machine: broker receipt verify {path} --inputs DIR --outputs DIR");
    }

    private static string PathFor(string path, Receipt receipt) =>
        Path.ChangeExtension(path, $".{receipt.Commitment.Statement.Replica}-{receipt.Commitment.Statement.Attempt}{Path.GetExtension(path)}");
}
