using System.Globalization;
using System.Text;

namespace Broker.Simulation;

/// <summary>The fault matrix as a page: a table a story, a row an operation, a column a fault.</summary>
public static class FaultReport
{
    private static readonly (Fault Fault, string Title)[] Columns =
    [
        (Fault.Trouble, "storage down for 2 s"), (Fault.AnswerLost, "answer lost"), (Fault.Stalled, "answer a minute late"),
        (Fault.Death, "process dies"),
        (Fault.MessageLost, "message lost"), (Fault.MessageLate, "message late"), (Fault.MessageDoubled, "message doubled"),
    ];

    /// <summary>Runs the whole matrix.</summary>
    /// <exception cref="SimulationException">Something happened that must never happen.</exception>
    public static string Make()
    {
        var page = new StringBuilder(Head);
        var runs = 0;
        foreach (var story in FaultMatrix.Stories)
        {
            var outcomes = FaultMatrix.Run(story).ToList();
            runs += outcomes.Count;
            Line(page, "");
            Line(page, $"## {char.ToUpperInvariant(story.Name[0])}{story.Name[1..]}");
            Line(page, "");
            Line(page, $"| after | {string.Join(" | ", Columns.Select(column => column.Title))} |");
            Line(page, $"|---|{string.Concat(Columns.Select(_ => "---|"))}");
            foreach (var point in outcomes.GroupBy(outcome => outcome.Point))
                Line(page, $"| {point.Key} | {string.Join(" | ", Columns.Select(column => Cell(point.FirstOrDefault(outcome => outcome.Fault == column.Fault))))} |");
        }

        Line(page, "");
        Line(page, string.Create(CultureInfo.InvariantCulture, $"{runs} runs."));
        return page.ToString();
    }

    private const string Head = """
        # The fault matrix

        Made by `dotnet run -c Release --project bench -- faults`; a test makes it again and compares. Every story is told once with nothing going wrong, which finds
        its writes and sends by interception, and then once for each of them and each fault, over the simulated storage account. A cell says how the
        story's jobs ended. After every single write of every run it is checked that no slot is sold twice, that events chain, that a job ends once, and
        that a job that has not ended has a row which the sweep sees; at the end, that nothing is left over.

        An operation is a table or queue, a verb, and kinds of rows: `+` written, `-` deleted; `p` a submission in progress, `j` waiting, `r` a held
        slot, `o` an offer.

        """;

    private static string Cell(FaultOutcome? outcome) =>
        outcome is null ? "" : string.Join(", ", outcome.Ends).ToLowerInvariant();

    private static void Line(StringBuilder page, string text) => page.Append(text).Append('\n');
}
