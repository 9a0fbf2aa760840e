using System.Net;
using Broker.Client;
using Microsoft.Extensions.Logging;

namespace Broker.Worker.Attempts;

/// <summary>Tells the broker how something ended, and goes on trying while it is in trouble.</summary>
internal sealed partial class Reporting(TimeProvider clock, ILogger log)
{
    /// <summary>Each try lasts some seconds itself: together, five minutes.</summary>
    private const int Tries = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <param name="what">What has ended.</param>
    /// <param name="report">Tells of it.</param>
    /// <param name="told">How it ended, for the log.</param>
    /// <returns>Whether the message has done its work.</returns>
    public async Task<bool> TellAsync(string what, Func<Task> report, string told)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await report();
                LogReported(what, told);
                return true;
            }
            catch (BrokerException e) when (e.IsTrouble && tries < Tries)
            {
                LogReportDelayed(what, e.Message);
                await Task.Delay(Pause, clock);
            }
            catch (BrokerException e)
            {
                return IsRefusal(what, e);
            }
        }
    }

    /// <summary>What is refused is over for this worker. Trouble passes, and a key that has ended says nothing about the message.</summary>
    public bool IsRefusal(string what, BrokerException e)
    {
        if (e.IsTrouble || e.Status == HttpStatusCode.Unauthorized)
        {
            LogLeft(what, e.Message);
            return false;
        }

        LogDropped(what, e.Message);
        return true;
    }

    [LoggerMessage(LogLevel.Information, "{What} reported: {Told}")]
    private partial void LogReported(string what, string told);

    [LoggerMessage(LogLevel.Warning, "{What} is done, its report must wait: {Message}")]
    private partial void LogReportDelayed(string what, string message);

    [LoggerMessage(LogLevel.Information, "{What} dropped: {Message}")]
    private partial void LogDropped(string what, string message);

    [LoggerMessage(LogLevel.Warning, "{What} is left for later: {Message}")]
    private partial void LogLeft(string what, string message);
}
