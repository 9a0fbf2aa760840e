using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Broker.Cli.Stack;
using Broker.Client;
using Broker.Core;
using Broker.Core.Api;
using Broker.Tests;

namespace Broker.EndToEnd.Tests;

/// <summary>A broker of real processes, with patience short enough for tests: emulator, function app, workers.</summary>
internal sealed class Processes : IAsyncDisposable
{
    private readonly List<WorkerProcess> _workers = [];
    private readonly int _port = FindFreePort();
    private readonly string _storage;
    private Emulator _emulator;
    private string _providerKey = "";

    private Processes(Emulator emulator, string storage) => (_emulator, _storage) = (emulator, storage);

    public FunctionApp Functions { get; private set; } = null!;

    public BrokerClient Submitter { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public IReadOnlyList<WorkerProcess> Workers => _workers;

    /// <param name="dataFolder">Where the storage keeps what it holds; null for memory only.</param>
    /// <param name="detour">Makes the connection string by which everyone reaches the storage from the emulator's own; null for the direct way.</param>
    public static async Task<Processes> StartAsync(string? dataFolder = null, Func<string, Task<string>>? detour = null)
    {
        var emulator = await Emulator.StartAsync(new EmulatorOptions { DataFolder = dataFolder }, Token);
        var processes = new Processes(emulator, detour is null ? emulator.ConnectionString : await detour(emulator.ConnectionString));
        try
        {
            await processes.StartFunctionsAsync();
            using var operators = BrokerClient.Create(processes.Functions.Url, processes.Functions.OperatorKey);
            var submitter = await operators.CreateAccountAsync(new NewAccount("submitter", [Role.Submitter]), Token);
            var provider = await operators.CreateAccountAsync(new NewAccount("provider", [Role.Provider]), Token);
            processes._providerKey = provider.Key;
            processes.Submitter = BrokerClient.Create(processes.Functions.Url, submitter.Key);
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
                ["Broker__LostAfterSeconds"] = "4",
                ["Broker__ResendAfterSeconds"] = "4",
                ["Broker__SweepSeconds"] = "1",
            },
        },
        Token);

    /// <summary>Stops the storage cleanly: it writes what it holds to its folder.</summary>
    public Task StopStorageAsync() => _emulator.DisposeAsync().AsTask();

    /// <summary>Starts the storage again, where everyone finds it.</summary>
    public async Task StartStorageAsync() => _emulator = await Emulator.StartAsync(_emulator.Again, Token);

    public async Task<WorkerProcess> AddWorkerAsync(string name, string price, int slots = 1)
    {
        var worker = await WorkerProcess.StartAsync(
            new WorkerOptions
            {
                AssemblyPath = Repository.Assembly("worker", "Broker.Worker"),
                Url = Functions.Url,
                Key = _providerKey,
                Name = name,
                PricePerSecond = Money.Parse(price),
                Slots = slots,
                SlotMemoryBytes = 256 << 20,
                Threads = 1,
            },
            Token);
        _workers.Add(worker);
        return worker;
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
        await Task.WhenAll(_workers.Select(worker => worker.DisposeAsync().AsTask()));
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
