using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Broker.Cli.Stack;
using Broker.Client;
using Broker.Core;
using Broker.Core.Api;
using Broker.Tests;

namespace Broker.EndToEnd.Tests;

/// <summary>A broker of real processes, with patience short enough for tests: emulator, function app, verifiers, workers.</summary>
internal sealed class Processes : IAsyncDisposable
{
    private readonly List<WorkerProcess> _workers = [];
    private readonly List<WorkerProcess> _verifiers = [];
    private readonly int _port = FindFreePort();
    private readonly string _storage;
    private Emulator _emulator;
    private string _providerKey = "";
    private string _verifierKey = "";

    private Processes(Emulator emulator, string storage) => (_emulator, _storage) = (emulator, storage);

    public FunctionApp Functions { get; private set; } = null!;

    public BrokerClient Submitter { get; private set; } = null!;

    public string SubmitterKey { get; private set; } = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string WorkerAssembly => Repository.Assembly("worker", "Broker.Worker");

    public IReadOnlyList<WorkerProcess> Workers => _workers;

    public IReadOnlyList<WorkerProcess> Verifiers => _verifiers;

    /// <param name="dataFolder">Where the storage keeps what it holds; null for memory only.</param>
    /// <param name="detour">Makes the connection string by which everyone reaches the storage from the emulator's own; null for the direct way.</param>
    /// <param name="verifiers">How many of them: <c>verifier-1</c> and so on.</param>
    public static async Task<Processes> StartAsync(string? dataFolder = null, Func<string, Task<string>>? detour = null, int verifiers = 1)
    {
        var emulator = await Emulator.StartAsync(new EmulatorOptions { DataFolder = dataFolder }, Token);
        var processes = new Processes(emulator, detour is null ? emulator.ConnectionString : await detour(emulator.ConnectionString));
        try
        {
            await processes.StartFunctionsAsync();
            using var operators = BrokerClient.Create(processes.Functions.Url, processes.Functions.OperatorKey);
            var submitter = await operators.CreateAccountAsync(new NewAccount("submitter", [Role.Submitter]), Token);
            var provider = await operators.CreateAccountAsync(new NewAccount("provider", [Role.Provider]), Token);
            var verifier = await operators.CreateAccountAsync(new NewAccount("verifier", [Role.Verifier]), Token);
            (processes._providerKey, processes._verifierKey, processes.SubmitterKey) = (provider.Key, verifier.Key, submitter.Key);
            processes.Submitter = BrokerClient.Create(processes.Functions.Url, submitter.Key);
            for (var number = 1; number <= verifiers; number++) await processes.AddVerifierAsync($"verifier-{number}");
            return processes;
        }
        catch
        {
            await processes.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the function app, again on the port of before, so that everyone finds it.</summary>
    public async Task StartFunctionsAsync() => Functions = await FunctionApp.StartAsync(
        new FunctionAppOptions
        {
            AssemblyPath = Repository.Assembly("functions", "Broker.Functions"),
            ConnectionString = _storage,
            Port = _port,
            Settings = new Dictionary<string, string>
            {
                ["Broker__HeartbeatSeconds"] = "1",
                ["Broker__LostAfterSeconds"] = "8",
                ["Broker__ResendAfterSeconds"] = "4",
                ["Broker__SweepSeconds"] = "1",
            },
        },
        Token);

    /// <summary>Stops the storage cleanly: it writes what it holds to its folder.</summary>
    public Task StopStorageAsync() => _emulator.DisposeAsync().AsTask();

    /// <summary>Starts the storage again, where everyone finds it.</summary>
    public async Task StartStorageAsync() => _emulator = await Emulator.StartAsync(_emulator.Again, Token);

    /// <param name="name">Its name.</param>
    /// <param name="price">What it asks for a second.</param>
    /// <param name="slots">How many jobs it runs at a time.</param>
    /// <param name="cheat">How it cheats; null for an honest one.</param>
    public async Task<WorkerProcess> AddWorkerAsync(string name, string price, int slots = 1, string? cheat = null)
    {
        var worker = await WorkerProcess.StartAsync(
            new WorkerOptions
            {
                AssemblyPath = cheat is null ? WorkerAssembly : Repository.Assembly("tests/CheatingWorker", "Broker.CheatingWorker"),
                Url = Functions.Url,
                Key = _providerKey,
                Name = name,
                PricePerSecond = Money.Parse(price),
                Slots = slots,
                SlotMemoryBytes = 256 << 20,
                Threads = 1,
                Cheat = cheat,
            },
            Token);
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Starts a verifier; one with the name of another that is gone takes its place.</summary>
    public async Task<WorkerProcess> AddVerifierAsync(string name)
    {
        var verifier = await WorkerProcess.StartAsync(new VerifierOptions(WorkerAssembly, Functions.Url, _verifierKey, name), Token);
        _verifiers.Add(verifier);
        return verifier;
    }

    /// <summary>Stops a worker as its provider would: it drains.</summary>
    public async Task StopAsync(WorkerProcess worker)
    {
        _workers.Remove(worker);
        await worker.DisposeAsync();
    }

    /// <summary>A client with the key of the workers' provider.</summary>
    public BrokerClient Provider() => BrokerClient.Create(Functions.Url, _providerKey);

    public async ValueTask DisposeAsync()
    {
        Submitter?.Dispose();
        await Task.WhenAll(_workers.Concat(_verifiers).Select(process => process.DisposeAsync().AsTask()));
        if (Functions is not null) await Functions.DisposeAsync();
        await _emulator.DisposeAsync();
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return int.Parse(listener.LocalEndpoint.ToString()!.Split(':')[1], CultureInfo.InvariantCulture);
    }
}
