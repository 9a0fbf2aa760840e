namespace Broker.Cli.Doctor;

/// <summary>Reads the broker's clock off its answers.</summary>
internal sealed class ClockReading : DelegatingHandler
{
    /// <summary>The broker's clock and this machine's at the latest answer; null before one came.</summary>
    public (DateTimeOffset Theirs, DateTimeOffset Ours)? Latest { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.Headers.Date is { } date) Latest = (date, DateTimeOffset.UtcNow);
        return answer;
    }
}
