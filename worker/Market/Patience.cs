using Broker.Client;
using Microsoft.Extensions.Logging;

namespace Broker.Worker.Market;

/// <summary>Goes on trying while the broker is in trouble or not there yet.</summary>
internal sealed partial class Patience(TimeProvider clock, ILogger<Patience> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <exception cref="BrokerException">The broker refuses: to try again would not help.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await call(cancellation);
            }
            catch (BrokerException e) when (e.IsTrouble)
            {
                LogWaiting(e.Message, pause.TotalSeconds);
            }

            await Task.Delay(pause, clock, cancellation);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Message}; trying again in {Seconds} s")]
    private partial void LogWaiting(string message, double seconds);
}
