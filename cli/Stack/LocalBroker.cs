using System.Net;
using System.Net.Sockets;
using Broker.Client;
using Broker.Core.Api;

namespace Broker.Cli.Stack;

/// <summary>A whole broker on this machine: storage emulator, function app, accounts, workers and verifiers.</summary>
/// <remarks>All of it ends when disposed, and also when this process ends in any other way.</remarks>
public sealed class LocalBroker : IAsyncDisposable
{
    private readonly List<WorkerProcess> _workers = [];
    private readonly List<WorkerProcess> _verifiers = [];
    private readonly List<AccountCreated> _providers = [];
    private Emulator? _emulator;
    private FunctionApp? _functions;
    private readonly StackFolder? _folder;
    private StackState _state;

    private LocalBroker(StackFolder? folder)
    {
        _folder = folder;
        var fresh = new EmulatorOptions();
        _state = folder?.State ?? new StackState(fresh.AccountName, fresh.AccountKey);
    }

    public Emulator Emulator => _emulator!;

    public FunctionApp Functions => _functions!;

    public Uri Url => Functions.Url;

    public string OperatorKey => _state.OperatorKey!;

    public string SubmitterKey => _state.Submitter!.Key;

    /// <summary>The providers' accounts, in the order of the workers.</summary>
    public IReadOnlyList<AccountCreated> Providers => _providers;

    public IReadOnlyList<WorkerProcess> Workers => _workers;

    /// <summary>The account of the verifiers.</summary>
    public AccountCreated Verifier => _state.Verifier!;

    public IReadOnlyList<WorkerProcess> Verifiers => _verifiers;

    private IEnumerable<WorkerProcess> Processes => _workers.Concat(_verifiers);

    /// <exception cref="CommandException">A part cannot be started, and why.</exception>
    public static async Task<LocalBroker> StartAsync(LocalBrokerOptions options, CancellationToken cancellation = default)
    {
        var stack = new LocalBroker(options.DataFolder is { } folder ? StackFolder.Open(folder) : null);
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
        var ended = Task.WhenAny([Functions.ThrowWhenEndedAsync(done.Token), Emulator.ThrowWhenEndedAsync(done.Token), .. Processes.Select(process => process.ThrowWhenEndedAsync(done.Token))]);
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
        await Task.WhenAll(Processes.Select(process => process.DisposeAsync().AsTask()));
        if (_functions is not null) await _functions.DisposeAsync();
        if (_emulator is not null) await _emulator.DisposeAsync();
        _folder?.Dispose();
    }

    private async Task StartPartsAsync(LocalBrokerOptions options, CancellationToken cancellation)
    {
        if (_folder is not null) await _folder.WaitForLatestRunAsync(cancellation);

        // Before the emulator: what it keeps is opened by this name and key alone.
        Keep(_state);
        options.Log?.Invoke("Starting the storage emulator");
        _emulator = await Emulator.StartAsync(
            new EmulatorOptions { Log = options.Log, DataFolder = _folder?.StoragePath, AccountName = _state.StorageAccount, AccountKey = _state.StorageKey }, cancellation);
        Keep(_state with { Processes = [.. StackProcess.Find(_emulator.ProcessId) is { } emulator ? [emulator] : Array.Empty<StackProcess>()] });
        options.Log?.Invoke("Starting the function app");
        _functions = await FunctionApp.StartAsync(
            new FunctionAppOptions
            {
                AssemblyPath = options.FunctionsAssembly,
                ConnectionString = Emulator.ConnectionString,
                Port = IsFree(_state.Port) ? _state.Port : 0,
                Settings = options.Settings,
            },
            cancellation);
        Keep(_state with
        {
            OperatorKey = _functions.OperatorKey ?? _state.OperatorKey ?? throw new CommandException(
                ExitCode.Environment, $"The first start on {options.DataFolder} was cut off before its operator's key was stored, and the key cannot be had again: name another folder with --data."),
            Port = Url.Port,
            Processes = StackProcess.Find(_functions.ProcessId) is { } functions ? _state.Processes.Add(functions) : _state.Processes,
        });
        await CreateAccountsAsync(options, cancellation);

        options.Log?.Invoke($"Starting {options.Workers.Count} {(options.Workers.Count == 1 ? "worker" : "workers")} and {options.Verifiers} {(options.Verifiers == 1 ? "verifier" : "verifiers")}");
        var workers = options.Workers.Zip(_providers, (worker, provider) => StartWorkerAsync(options, worker, provider, cancellation)).ToArray();
        var verifiers = Enumerable.Range(1, options.Verifiers).Select(number => WorkerProcess.StartAsync(new VerifierOptions(options.WorkerAssembly, Url, Verifier.Key, $"verifier-{number}"), cancellation)).ToArray();
        try
        {
            await Task.WhenAll(workers.Concat(verifiers));
        }
        finally
        {
            // One may have failed: the others are there all the same, and must be stopped.
            _workers.AddRange(Started(workers));
            _verifiers.AddRange(Started(verifiers));
        }

        static IEnumerable<WorkerProcess> Started(Task<WorkerProcess>[] starting) => starting.Where(start => start.IsCompletedSuccessfully).Select(start => start.Result);
    }

    /// <summary>Makes the accounts that no earlier run has made.</summary>
    private async Task CreateAccountsAsync(LocalBrokerOptions options, CancellationToken cancellation)
    {
        using var operators = BrokerClient.Create(Url, OperatorKey);
        if (_state.Submitter is null) Keep(_state with { Submitter = await operators.CreateAccountAsync(new NewAccount("submitter", [Role.Submitter]), cancellation) });
        if (_state.Verifier is null) Keep(_state with { Verifier = await operators.CreateAccountAsync(new NewAccount("verifier", [Role.Verifier]), cancellation) });
        foreach (var worker in options.Workers)
        {
            if (!_state.Providers.TryGetValue(worker.Name, out var provider))
            {
                provider = await operators.CreateAccountAsync(new NewAccount($"provider-{worker.Name}", [Role.Provider]), cancellation);
                Keep(_state with { Providers = _state.Providers.Add(worker.Name, provider) });
            }

            _providers.Add(provider);
        }
    }

    private void Keep(StackState state)
    {
        _state = state;
        _folder?.Save(state);
    }

    /// <summary>Whether a port of the loopback can be opened; 0 stands for any.</summary>
    internal static bool IsFree(int port)
    {
        using var probe = new TcpListener(IPAddress.Loopback, port);
        try
        {
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Task<WorkerProcess> StartWorkerAsync(LocalBrokerOptions options, LocalWorker worker, AccountCreated provider, CancellationToken cancellation) =>
        WorkerProcess.StartAsync(
            new WorkerOptions
            {
                AssemblyPath = worker.Cheat is null ? options.WorkerAssembly : options.CheatingWorkerAssembly!,
                Url = Url,
                Key = provider.Key,
                Name = worker.Name,
                PricePerSecond = worker.PricePerSecond,
                Cheat = worker.Cheat,
            },
            cancellation);
}
