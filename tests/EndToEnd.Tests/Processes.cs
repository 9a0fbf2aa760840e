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
    private readonly Emulator _emulator;
    private readonly int _port;
    private string _providerKey = "";

    private Processes(Emulator emulator, int port)
    {
        _emulator = emulator;
        _port = port;
    }

    public FunctionApp Functions { get; private set; } = null!;

    public BrokerClient Submitter { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Processes> StartAsync()
    {
        var processes = new Processes(await Emulator.StartAsync(new EmulatorOptions(), Token), FindFreePort());
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
            ConnectionString = _emulator.ConnectionString,
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
