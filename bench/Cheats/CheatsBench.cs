using System.CommandLine;

namespace Broker.Bench.Cheats;

/// <summary>Lets workers, submitters and brokers cheat, and counts how often they are caught.</summary>
internal static class CheatsBench
{
    private const string Name = "cheats";

    private static IEnumerable<CheatRow> Cheats =>
        SampleRows.All.Concat(CommitmentRows.All).Concat(ResultRows.All).Concat(SubmitterRows.All).Concat(ReceiptRows.All).Concat(LaterRows.All).OrderBy(row => int.Parse(row.Name[1..], null));

    public static Command Command()
    {
        var quick = new Option<bool>("--quick") { Description = "Fewer trials, under 45 s" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var rows = new Option<string[]>("--row") { Description = "Only this one, such as A1; may be repeated", HelpName = "ROW", AllowMultipleArgumentsPerToken = true };
        var command = new Command(Name, "Lets workers, submitters and brokers cheat, and counts how often they are caught; honest ones must never be") { quick, json, rows };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(quick) ? TrialCounts.Quick : TrialCounts.Full, parsed.GetValue(json), parsed.GetValue(rows) ?? []));
        return command;
    }

    private static async Task<int> RunAsync(TrialCounts counts, bool json, string[] names)
    {
        var failed = false;
        bool IsWanted(string name) => names.Length == 0 || names.Contains(name, StringComparer.OrdinalIgnoreCase);
        foreach (var row in HonestRows.All.Where(row => IsWanted(row.Name)))
        {
            if (row.RunAsync is null)
            {
                new Figure(Name, "false-accusations", row.Name, null, "jobs") { Why = row.Why }.Print(json);
                continue;
            }

            var found = await row.RunAsync(counts);
            failed |= found.Caught > 0;
            new Figure(Name, "false-accusations", row.Name, found.Caught, "jobs").Print(json);
            new Figure(Name, "trials", row.Name, found.Trials, "jobs").Print(json);
        }

        foreach (var row in Cheats.Where(row => IsWanted(row.Name)))
        {
            if (row.RunAsync is null)
            {
                new Figure(Name, "detected", row.Name, null, "of required") { Why = row.Why }.Print(json);
                continue;
            }

            var found = await row.RunAsync(counts);
            failed |= found.Value < 1;
            new Figure(Name, "detected", row.Name, found.Value, "of required").Print(json);
            new Figure(Name, "caught", row.Name, found.Caught, $"of {found.Trials}").Print(json);
        }

        return failed ? 1 : 0;
    }
}
