using System.Buffers;
using System.Globalization;
using System.Text;
using Broker.Core.Api;

namespace Broker.Worker.Attempts;

/// <summary>What is told of one run to the job's submitter: lines with their times, up to a length.</summary>
/// <remarks>Safe for many threads.</remarks>
internal sealed class RunLog(TimeProvider clock)
{
    private const int CutLineBytes = 100;

    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private int _cut;

    /// <summary>Adds a line. What would make the log too long is left out, and so is all that follows.</summary>
    public void Say(string text)
    {
        var time = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var line = Encoding.UTF8.GetBytes($"{time} {text.ReplaceLineEndings(" ")}\n");
        lock (_lock)
        {
            if (_cut > 0 || _bytes.WrittenCount + line.Length > RunLogs.Bytes - CutLineBytes) _cut++;
            else _bytes.Write(line);
        }
    }

    /// <summary>All of it, where it is short enough to go with the report; null otherwise.</summary>
    public string? ToReportText()
    {
        var bytes = ToBytes();
        return bytes.Length <= RunLogs.ReportBytes ? Encoding.UTF8.GetString(bytes) : null;
    }

    public byte[] ToBytes()
    {
        lock (_lock)
        {
            var cut = _cut == 0 ? "" : $"cut: {_cut} more lines, the log of a run has at most {RunLogs.Bytes} bytes\n";
            return [.. _bytes.WrittenSpan, .. Encoding.UTF8.GetBytes(cut)];
        }
    }
}
