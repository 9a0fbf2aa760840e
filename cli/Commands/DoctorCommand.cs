using System.CommandLine;
using Broker.Cli.Connection;
using Broker.Cli.Doctor;
using Broker.Core.Documents;

namespace Broker.Cli.Commands;

/// <summary><c>broker doctor</c>: what this machine has of all that a user needs.</summary>
internal static class DoctorCommand
{
    public static Command Create(GlobalOptions global)
    {
        var command = new Command("doctor", "Check what this machine has: .NET, Node.js, clang, a CUDA driver, a login and its broker; and say what to do where something lacks");
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            var machine = MachineChecks.RunAsync(cancellation);
            var broker = new BrokerChecks(() => global.RequireLogin(parsed), Source(global, parsed)).RunAsync(cancellation);
            Finding[] findings = [.. await machine, .. await broker];
            var isFine = !findings.Any(finding => finding.IsBroken);
            terminal.Answer(new DoctorReport(isFine, findings), () =>
            {
                foreach (var finding in findings) terminal.Say($"{BrokerJson.Word(finding.State),-8} {finding.Name,-9} {finding.Text.ReplaceLineEndings(" ")}");
            });
            terminal.Note(Next(isFine, findings));
            return isFine ? ExitCode.Ok : ExitCode.Environment;
        });
        return command;
    }

    /// <summary>Where the broker is named that other commands would speak to; null where it is not.</summary>
    private static string? Source(GlobalOptions global, ParseResult parsed) => global.IsUrlNamed(parsed)
        ? "named by --url or BROKER_URL"
        : File.Exists(StoredLogin.FilePath) ? $"stored in {StoredLogin.FilePath}" : null;

    private static string Next(bool isFine, Finding[] findings)
    {
        if (!isFine) return "Something that is needed is missing or wrong: its line says what to do.";
        var isLoggedIn = findings.Any(finding => finding is { Name: "account", State: FindingState.Ok });
        return $"Everything that is needed is there. Next: {(isLoggedIn ? "broker submit --help" : "broker demo")}";
    }
}

/// <summary>What <c>broker doctor --json</c> answers.</summary>
/// <param name="Ok">Whether nothing that is needed is missing or wrong.</param>
/// <param name="Checks">What was looked for.</param>
internal sealed record DoctorReport(bool Ok, IReadOnlyList<Finding> Checks);
