namespace Broker.Core.Api;

/// <summary>What a worker writes about one run.</summary>
public static class RunLogs
{
    /// <summary>How long the log of one run is at the most: what is longer is cut, and says so.</summary>
    public const int Bytes = 1 << 20;

    /// <summary>How long a log is at the most that comes with the report: a longer one is stored beside the outputs.</summary>
    public const int ReportBytes = 4096;
}
