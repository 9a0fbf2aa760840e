namespace Broker.Cli.Output;

/// <summary>Tells a long transfer's quarters, each in a line.</summary>
internal sealed class TransferLines(Terminal terminal, long bytes) : IProgress<long>
{
    /// <summary>What is smaller takes no time worth a line.</summary>
    private const long Least = 64L << 20;

    private readonly Lock _lock = new();
    private long _told;

    public void Report(long value)
    {
        if (bytes < Least) return;
        var quarter = value * 4 / bytes;
        lock (_lock)
        {
            if (quarter <= _told || quarter >= 4) return;
            _told = quarter;
            terminal.Note($"  {quarter * 25} %, {Words.Bytes(value)} of {Words.Bytes(bytes)}");
        }
    }
}
