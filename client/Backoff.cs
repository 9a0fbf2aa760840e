namespace Broker.Client;

/// <summary>Sends a request again while the trouble looks as if it passes.</summary>
/// <remarks>Only for what may be sent twice; every route of the broker may.</remarks>
internal sealed class Backoff(TimeProvider clock)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan[] Delays = [.. new[] { 0.1, 0.3, 0.9, 2.7 }.Select(TimeSpan.FromSeconds)];

    /// <param name="send">Makes and sends one try.</param>
    /// <param name="cancellation">Ends it, between tries too.</param>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken cancellation)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await send(cancellation);
            }
            catch (BrokerException e) when (MayPass(e) && tries < Delays.Length)
            {
                // Half to one and a half times the delay, so that many clients do not come back together.
                var delay = Delays[tries] * (0.5 + Random.Shared.NextDouble());
                await Task.Delay(e.RetryAfter is { } asked && asked <= LongestWait ? asked : delay, clock, cancellation);
            }
        }
    }

    // Where the broker itself speaks of a mistake it is a bug, and comes again. Any other 500 is a bad moment: the Functions host answers so for
    // an app that has just died, and the storage as well.
    private static bool MayPass(BrokerException e) => e.IsTrouble && !(e.Problem.Status == 500 && e.IsBrokersWord);
}
