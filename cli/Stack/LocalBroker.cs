using Broker.Client;
using Broker.Core.Api;

namespace Broker.Cli.Stack;

/// <summary>A whole broker on this machine: storage emulator, function app, accounts and workers.</summary>
/// <remarks>All of it ends when disposed, and also when this process ends in any other way.</remarks>
public sealed class LocalBroker : IAsyncDisposable
{
    private readonly List<WorkerProcess> _workers = [];
    private readonly List<AccountCreated> _providers = [];
    private Emulator? _emulator;
    private FunctionApp? _functions;
    private AccountCreated? _submitter;

    private LocalBroker()
    {
    }

    public Emulator Emulator => _emulator!;

    public FunctionApp Functions => _functions!;

    public Uri Url => Functions.Url;

    public string OperatorKey => Functions.OperatorKey!;

    public string SubmitterKey => _submitter!.Key;

    /// <summary>The providers' accounts, in the order of the workers.</summary>
    public IReadOnlyList<AccountCreated> Providers => _providers;

    public IReadOnlyList<WorkerProcess> Workers => _workers;

    /// <exception cref="CommandException">A part cannot be started, and why.</exception>
    public static async Task<LocalBroker> StartAsync(LocalBrokerOptions options, CancellationToken cancellation = default)
    {
        var stack = new LocalBroker();
        try
        {
            await stack.StartPartsAsync(options, cancellation);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Does something with the stack, and gives up where a part of it ends by itself.</summary>
    /// <exception cref="CommandException">A part has ended.</exception>
    public async Task<T> WhileItStandsAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var working = work(done.Token);
        var ended = Task.WhenAny([Functions.ThrowWhenEndedAsync(done.Token), Emulator.ThrowWhenEndedAsync(done.Token), .. _workers.Select(worker => worker.ThrowWhenEndedAsync(done.Token))]);
        try
        {
            if (await Task.WhenAny(working, ended) == ended) await await ended;
            return await working;
        }
        finally
        {
            await done.CancelAsync();
            await Task.WhenAny(working);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Workers first: they still have to hand back what they run.
        await Task.WhenAll(_workers.Select(worker => worker.DisposeAsync().AsTask()));
        if (_functions is not null) await _functions.DisposeAsync();
        if (_emulator is not null) await _emulator.DisposeAsync();
    }

    private async Task StartPartsAsync(LocalBrokerOptions options, CancellationToken cancellation)
    {
        options.Log?.Invoke("Starting the storage emulator");
        _emulator = await Emulator.StartAsync(new EmulatorOptions { Log = options.Log }, cancellation);
        options.Log?.Invoke("Starting the function app");
        _functions = await FunctionApp.StartAsync(
            new FunctionAppOptions { AssemblyPath = options.FunctionsAssembly, ConnectionString = Emulator.ConnectionString, Settings = options.Settings },
            cancellation);

        using var operators = BrokerClient.Create(Url, OperatorKey);
        _submitter = await operators.CreateAccountAsync(new NewAccount("submitter", [Role.Submitter]), cancellation);
        foreach (var worker in options.Workers)
            _providers.Add(await operators.CreateAccountAsync(new NewAccount($"provider-{worker.Name}", [Role.Provider]), cancellation));

        options.Log?.Invoke($"Starting {options.Workers.Count} workers");
        var starting = options.Workers.Zip(_providers, (worker, provider) => StartWorkerAsync(options.WorkerAssembly, worker, provider, cancellation)).ToArray();
        try
        {
            await Task.WhenAll(starting);
        }
        finally
        {
            // One may have failed: the others are there all the same, and must be stopped.
            _workers.AddRange(starting.Where(start => start.IsCompletedSuccessfully).Select(start => start.Result));
        }
    }

    private Task<WorkerProcess> StartWorkerAsync(string assembly, LocalWorker worker, AccountCreated provider, CancellationToken cancellation) =>
        WorkerProcess.StartAsync(
            new WorkerOptions { AssemblyPath = assembly, Url = Url, Key = provider.Key, Name = worker.Name, PricePerSecond = worker.PricePerSecond },
            cancellation);
}
