using System.Diagnostics;
using System.Globalization;

namespace Broker.Cli.Stack;

/// <summary>Azure Storage on this machine: Azurite on free ports of the loopback, installed where it is missing.</summary>
/// <remarks>It ends when disposed, and also when this process ends in any other way.</remarks>
public sealed class Emulator : IAsyncDisposable
{
    private const int MaxTries = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Services = ["Blob", "Queue", "Table"];

    private readonly ChildProcess _process;

    private Emulator(ChildProcess process, string connectionString, EmulatorOptions again)
    {
        _process = process;
        ConnectionString = connectionString;
        Again = again;
    }

    /// <summary>Names the account, its key, and the three endpoints.</summary>
    public string ConnectionString { get; }

    /// <summary>How to start it once more, after its end, so that whoever knew it finds it again: on the same ports, with the same account.</summary>
    public EmulatorOptions Again { get; }

    public int ProcessId => _process.ProcessId;

    /// <exception cref="CommandException">Node is missing, or the emulator cannot be installed or started.</exception>
    public static async Task<Emulator> StartAsync(EmulatorOptions options, CancellationToken cancellation = default)
    {
        await Node.RequireAsync(cancellation);
        var install = EmulatorInstall.OfUser();
        await install.EnsureAsync(options.Log, cancellation);

        var endpoints = new Dictionary<string, string>();
        var process = await StartProcessAsync(install, options, endpoints, cancellation);
        var urls = string.Join(';', Services.Select(service => $"{service}Endpoint={endpoints[service]}/{options.AccountName}"));
        var ports = new EmulatorPorts(PortOf("Blob"), PortOf("Queue"), PortOf("Table"));
        return new Emulator(
            process, $"DefaultEndpointsProtocol=http;AccountName={options.AccountName};AccountKey={options.AccountKey};{urls}", options with { Ports = ports });

        int PortOf(string service) => new Uri(endpoints[service]).Port;
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    internal Task ThrowWhenEndedAsync(CancellationToken cancellation) => _process.ThrowWhenEndedAsync(cancellation);

    /// <summary>Starts it; where a port that it is to have again is taken, a few times.</summary>
    /// <remarks>Who tries a closed port of this machine over and over may at last be connected to itself, and then holds the port for a moment.</remarks>
    private static async Task<ChildProcess> StartProcessAsync(
        EmulatorInstall install, EmulatorOptions options, Dictionary<string, string> endpoints, CancellationToken cancellation)
    {
        for (var tries = options.Ports is null ? 1 : MaxTries; ; tries--)
        {
            try
            {
                return await ChildProcess.StartAsync(
                    "The storage emulator", Command(install, options), line => FoundEndpoints(line, endpoints), Patience, cancellation);
            }
            catch (CommandException e) when (tries > 1 && e.Message.Contains("EADDRINUSE", StringComparison.Ordinal))
            {
                endpoints.Clear();
                await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            }
        }
    }

    private static ProcessStartInfo Command(EmulatorInstall install, EmulatorOptions options)
    {
        var command = new ProcessStartInfo("node", ["--require", Path.Combine(EmulatorInstall.Source, "end-with-parent.cjs"), install.Script]);
        string[] arguments = ["--disableTelemetry", "--skipApiVersionCheck", "--silent"];
        foreach (var argument in arguments) command.ArgumentList.Add(argument);
        var ports = options.Ports ?? new EmulatorPorts(0, 0, 0);
        foreach (var (service, port) in Services.Zip((int[])[ports.Blob, ports.Queue, ports.Table]))
        {
            command.ArgumentList.Add($"--{service.ToLowerInvariant()}Host");
            command.ArgumentList.Add("127.0.0.1");
            command.ArgumentList.Add($"--{service.ToLowerInvariant()}Port");
            command.ArgumentList.Add(port.ToString(CultureInfo.InvariantCulture));
        }

        if (options.DataFolder is { } folder)
        {
            command.ArgumentList.Add("--location");
            command.ArgumentList.Add(Path.GetFullPath(folder));
        }
        else
        {
            command.ArgumentList.Add("--inMemoryPersistence");
        }

        command.Environment["AZURITE_ACCOUNTS"] = $"{options.AccountName}:{options.AccountKey}";
        return command;
    }

    /// <summary>Reads a line such as <c>Azurite Blob service is successfully listening at http://127.0.0.1:44141</c>.</summary>
    private static bool FoundEndpoints(string line, Dictionary<string, string> endpoints)
    {
        var words = line.Split(' ');
        if (words is ["Azurite", var service, "service", "is", "successfully", "listening", "at", var url]) endpoints[service] = url;
        return Services.All(endpoints.ContainsKey);
    }
}
