using System.Net;

namespace Broker.Host.Tests.Hosting;

/// <summary>Keeps one host with its handler running, as an Azure plan does: where one has ended, another begins.</summary>
internal sealed class Plan : IAsyncDisposable
{
    private readonly Func<Instance> _begin;
    private readonly Lock _lock = new();
    private readonly List<Instance> _instances = [];
    private readonly Task _keeping;
    private volatile bool _ended;

    public Plan(ScriptRoot root, IReadOnlyDictionary<string, string> settings, HostOptions options)
    {
        _begin = () => new Instance(root, settings, options);
        _instances.Add(_begin());
        _keeping = KeepAsync();
    }

    /// <summary>How many hosts there were, and how often a handler was started in all.</summary>
    public (int Hosts, int Starts) Counts
    {
        get
        {
            lock (_lock) return (_instances.Count, _instances.Sum(instance => instance.Handler.Starts));
        }
    }

    /// <summary>How many calls handlers have had in all.</summary>
    public int Calls
    {
        get
        {
            lock (_lock) return _instances.Sum(instance => instance.Host.Calls.Begun);
        }
    }

    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_lock) return [.. _instances.SelectMany(instance => instance.Host.Calls.Complaints)];
        }
    }

    public HandlerProcess Handler => Current.Handler;

    public FunctionsHost Host => Current.Host;

    private Instance Current
    {
        get
        {
            lock (_lock) return _instances[^1];
        }
    }

    /// <summary>A client's request. Where there is no host, the front of the platform answers.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var instance = Current;
        try
        {
            if (!instance.IsEnded) return await instance.Host.SendAsync(request, cancellation);
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }

        return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new ByteArrayContent([]) };
    }

    /// <summary>Loses the machine: host and handler die in the same moment, and nobody gives a message back.</summary>
    public Task LoseMachineAsync() => Current.EndAsync();

    public async ValueTask DisposeAsync()
    {
        _ended = true;
        await Current.EndAsync();
        await _keeping;
    }

    private async Task KeepAsync()
    {
        while (true)
        {
            var current = Current;
            await current.Handler.Ended;
            await current.EndAsync();
            lock (_lock)
            {
                if (_ended) return;
                _instances.Add(_begin());
            }
        }
    }

    private sealed class Instance
    {
        private readonly Lazy<Task> _end;

        public Instance(ScriptRoot root, IReadOnlyDictionary<string, string> settings, HostOptions options)
        {
            Handler = new HandlerProcess(root, settings);
            Host = new FunctionsHost(root, Handler.Http, Handler.Initialized, setting => settings[setting], options);
            _end = new Lazy<Task>(async () =>
            {
                await Host.DisposeAsync();
                await Handler.DisposeAsync();
            });
        }

        public HandlerProcess Handler { get; }

        public FunctionsHost Host { get; }

        public bool IsEnded => _end.IsValueCreated;

        public Task EndAsync() => _end.Value;
    }
}
