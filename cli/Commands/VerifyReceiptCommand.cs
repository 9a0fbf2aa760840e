using System.CommandLine;
using Broker.Cli.Connection;
using Broker.Cli.Output;
using Broker.Cli.Receipts;

namespace Broker.Cli.Commands;

/// <summary><c>broker receipt verify</c>: does on this machine again what a receipt says, and believes nothing of it.</summary>
internal sealed class VerifyReceiptCommand
{
    private readonly GlobalOptions _global;
    private readonly Argument<string> _file = new("file") { Description = "The receipt, as `broker receipt --out` saved it", HelpName = "FILE" };
    private readonly Option<string[]> _inputs = new("--inputs") { Description = "Where the program and the inputs lie, under any name; the receipt's own folder is looked into as well", HelpName = "DIR" };
    private readonly Option<string?> _outputs = new("--outputs") { Description = "Where `broker result --out` saved the results; without it the receipt's own folder", HelpName = "DIR" };
    private readonly Option<string?> _brokerKey = new("--broker-key") { Description = "The broker's public key, or a file with it; without it the one that `broker login` stored, or that the broker of --url tells", HelpName = "KEY|FILE" };
    private readonly Option<bool> _noExecution = new("--no-execution") { Description = "Check signatures, hashes and results alone, and execute nothing" };

    private VerifyReceiptCommand(GlobalOptions global, Command command)
    {
        _global = global;
        command.Add(_file);
        foreach (var option in (Option[])[_inputs, _outputs, _brokerKey, _noExecution]) command.Add(option);
    }

    public static Command Create(GlobalOptions global)
    {
        var command = new CommandWithExamples(
            "verify", "Do again on this machine what a receipt says: signatures, results, the draw, and the blocks themselves",
            "broker receipt verify receipt.json --inputs data --outputs results",
            "broker receipt verify receipt.json --no-execution    # where the inputs are not at hand");
        global.SetAction(command, new VerifyReceiptCommand(global, command).RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var file = parsed.GetRequiredValue(_file);
        var receipt = await ReceiptFile.ReadAsync(file, cancellation);
        var beside = Path.GetDirectoryName(Path.GetFullPath(file))!;
        string[] folders = [.. (parsed.GetValue(_inputs) ?? []).Append(beside).DistinctBy(Path.GetFullPath)];
        var outputs = parsed.GetValue(_outputs) ?? beside;
        if (folders.Append(outputs).FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing)
            throw new CommandException(ExitCode.BadInput, $"There is no folder '{missing}'.");

        var key = parsed.GetValue(_brokerKey) is { } named ? await BrokerKeys.ReadAsync(named, cancellation) : await _global.FindBrokerKeyAsync(parsed, cancellation);
        var result = await new ReceiptRedo(receipt, folders, outputs, terminal).RunAsync(key, !parsed.GetValue(_noExecution), cancellation);
        terminal.Answer(result, () => Say(terminal, result));
        if (!terminal.IsJson && result.Holds)
        {
            terminal.Say("");
            foreach (var line in ReceiptWords.Describe(receipt)) terminal.Say(line);
        }

        return result.Holds ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void Say(Terminal terminal, ReceiptVerification result)
    {
        foreach (var finding in result.Findings) terminal.Say($"{Mark(finding.Outcome),-8} {finding.Name}: {finding.Says}");
        terminal.Say("");
        var (wrong, open) = (Count(FindingOutcome.Fails), Count(FindingOutcome.NotDone));
        var executed = result.Findings.Any(finding => finding is { Name: "execution", Outcome: FindingOutcome.Skipped }) ? ", but nothing was executed again" : "";
        terminal.Say((wrong, open) switch
        {
            (0, 0) => $"The receipt holds{executed}.",
            (0, _) => $"The receipt is neither confirmed nor refuted: {open} of {result.Findings.Count} could not be done again.",
            _ => $"The receipt does not hold: {wrong} of {result.Findings.Count} are wrong.",
        });

        int Count(FindingOutcome outcome) => result.Findings.Count(finding => finding.Outcome == outcome);
    }

    private static string Mark(FindingOutcome outcome) => outcome switch
    {
        FindingOutcome.Holds => "ok",
        FindingOutcome.Fails => "WRONG",
        FindingOutcome.NotDone => "NOT DONE",
        _ => "skipped",
    };
}
