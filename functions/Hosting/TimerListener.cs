namespace Broker.Functions.Hosting;

/// <summary>Runs one timer function, never twice at once, where no Functions host started the program.</summary>
internal sealed partial class TimerListener(TimerFunction function, TimeSpan period, TimeProvider clock, ILogger log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, clock);
        while (await WaitAsync(timer, stoppingToken))
        {
            try
            {
                await function.RunAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // As the Functions host: a run that fails is logged, and the next one comes.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(e, function.Name);
            }
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Error, "{Function} failed")]
    private partial void LogFailed(Exception exception, string function);
}
