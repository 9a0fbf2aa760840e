using Azure.Core;
using Azure.Core.Pipeline;

namespace Broker.Storage.Worker;

/// <summary>Configures the clients that a worker makes from links.</summary>
internal static class LinkOptions
{
    public static TOptions Configure<TOptions>(TOptions options, HttpClient http, TimeSpan networkTimeout, int retries) where TOptions : ClientOptions
    {
        options.Transport = new HttpClientTransport(http);
        options.Retry.MaxRetries = retries;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(5);
        options.Retry.NetworkTimeout = networkTimeout;
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        return options;
    }
}
