namespace Broker.Cli.Auditing;

/// <summary>What an audit found.</summary>
/// <param name="Jobs">How many jobs were looked at.</param>
/// <param name="Events">How many events they have.</param>
/// <param name="Receipts">How many receipts they have.</param>
/// <param name="Roots">How many roots of days were looked at.</param>
/// <param name="Deleted">How many jobs those roots name that were deleted since.</param>
/// <param name="Breaks">How many things do not hold.</param>
/// <param name="First">The first of them in words; null where all holds.</param>
internal sealed record AuditReport(int Jobs, int Events, int Receipts, int Roots, int Deleted, int Breaks, string? First)
{
    public bool Holds => Breaks == 0;

    public string Describe() => $"{Jobs} jobs, {Events} events, {Receipts} receipts, {Roots} roots: {(Holds ? "all hold" : $"{Breaks} {(Breaks == 1 ? "does" : "do")} not hold")}";
}

/// <summary>Counts what an audit looks at, and tells every break as it is found.</summary>
internal sealed class AuditCount(Action<string> note)
{
    private int _breaks;
    private string? _first;

    public int Jobs { get; set; }

    public int Events { get; set; }

    public int Receipts { get; set; }

    public int Roots { get; set; }

    public int Deleted { get; set; }

    public void Break(string what)
    {
        _breaks++;
        _first ??= what;
        note($"BREAK {what}");
    }

    public AuditReport Report() => new(Jobs, Events, Receipts, Roots, Deleted, _breaks, _first);
}
