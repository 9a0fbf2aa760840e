using System.CommandLine;
using Broker.Client;
using Broker.Worker;
using Broker.Worker.Execution.Cpu;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

// Ctrl-C and SIGTERM are this program's own affair: they drain.
return await new WorkerCommand().Create(RunAsync).Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static async Task<int> RunAsync(WorkerOptions options)
{
    using var logs = LoggerFactory.Create(logging => logging
        .AddSimpleConsole(console => console.SingleLine = true)
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

    // Names are looked up again now and then; each transfer has its own limit.
    using var storage = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };
    var surroundings = new Surroundings(key => BrokerClient.Create(options.Url, key), storage, TimeProvider.System, logs);
    var drain = new DrainSignal();
    using var signals = new StopSignals(drain);
    try
    {
        using var worker = new WorkerProcess(options, new CpuExecutor(options.Threads), surroundings, drain);
        await worker.RunAsync(Console.WriteLine);
        return 0;
    }
    catch (BrokerException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
}
