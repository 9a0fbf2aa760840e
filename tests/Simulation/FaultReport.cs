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
        foreach (var told in FaultMatrix.Stories.Select(FaultMatrix.Run).Concat(Errands.All.Select(FaultMatrix.Run)))
        {
            var outcomes = told.ToList();
            var name = outcomes[0].Story;
            runs += outcomes.Count;
            Line(page, "");
            Line(page, $"## {char.ToUpperInvariant(name[0])}{name[1..]}");
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
        that a job that has not ended has a row which the sweep sees; at the end, that nothing is left over, and that the results and the log of the run
        that counts and the receipt of every verdict are there.

        After the stories come errands: what a client, or the program at its start, asks for until it is answered. There a cell says that it was done, which
        means that all of it was as it must be once the answer had come: keys good and older ones ended, an offer in one pool, content there for whoever may
        read it, nothing left of what was deleted.

        An operation is a table, queue or container, a verb, and kinds of rows: `+` written, `-` deleted; `j` waiting, `r` a
        held slot, `v` a result that waits for its verdict, `o` an offer; `last` says when the sweep came last.

        """;

    private static string Cell(FaultOutcome? outcome) => outcome?.End ?? "";

    private static void Line(StringBuilder page, string text) => page.Append(text).Append('\n');
}
