using System.Collections.Immutable;
using Azure.Storage.Queues;

namespace Broker.Host.Tests.Hosting;

/// <summary>Plays the Azure Functions host to a custom handler: reads a script root, listens to its triggers, calls the handler.</summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly ImmutableArray<Task> _listening;
    private readonly HttpTrigger _front;

    /// <param name="root">What is hosted.</param>
    /// <param name="handler">Reaches the handler.</param>
    /// <param name="initialized">Completes when the handler has started.</param>
    /// <param name="connection">Finds the value of a setting that a trigger names as its connection.</param>
    /// <param name="options">What a test may choose.</param>
    public FunctionsHost(ScriptRoot root, HttpClient handler, Task initialized, Func<string, string> connection, HostOptions options)
    {
        Calls = new HandlerCalls(handler, initialized);
        _front = new HttpTrigger(root, Calls);
        _listening =
        [
            .. root.Of("queueTrigger").Select(Listen),
            .. root.Of("timerTrigger").Select(function => new TimerTrigger(function).RunAsync(Calls, _gone.Token)),
        ];

        Task Listen(ScriptFunction function)
        {
            var encoding = root.Queues.MessageEncoding == "none" ? QueueMessageEncoding.None : QueueMessageEncoding.Base64;
            var queues = new QueueServiceClient(connection(function.Text("connection")), new QueueClientOptions { MessageEncoding = encoding });
            var queue = queues.GetQueueClient(options.Prefix + function.Text("queueName"));
            var poison = queues.GetQueueClient(queue.Name + "-poison");
            return new QueueTrigger(function, queue, poison, root.Queues, options.Lease).RunAsync(Calls, _gone.Token);
        }
    }

    public HandlerCalls Calls { get; }

    /// <summary>A client's request, answered by the handler.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) => _front.SendAsync(request, cancellation);

    /// <summary>Ends it as the loss of its machine would: what it was handling comes again when its lease has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        foreach (var listening in _listening) await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.All(_listening, listening => Assert.True(listening.IsCanceled, listening.Exception?.ToString()));
        _gone.Dispose();
    }
}

/// <summary>What a test may choose of a host.</summary>
internal sealed record HostOptions
{
    /// <summary>
    /// How long a message that is handled is hidden from others. The real host takes ten minutes, renewed every five: after
    /// its own crash a message comes back up to ten minutes later. Tests do not wait so long.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Goes before each queue's name, as the handler's setting does: several brokers share one emulator.</summary>
    public string Prefix { get; init; } = "";
}
