using System.CommandLine;
using Broker.Client;
using Broker.Worker.Execution;
using Broker.Worker.Execution.Cpu;
using Broker.Worker.Reexecution;
using Broker.Worker.Verifying;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Broker.Worker;

/// <summary>The program from its arguments to its exit code.</summary>
internal static class WorkerProgram
{
    /// <param name="args">The command line.</param>
    /// <param name="wrap">Puts something around the device that runs jobs.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Func<IExecutor, IExecutor> wrap)
    {
        // A verifier starts this program once more to execute blocks again. It is no command for people, and reads no option.
        if (args is [ReexecutionHost.Argument]) return ReexecutionHost.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());

        // Ctrl-C and SIGTERM are this program's own affair: they drain.
        return await new WorkerCommand().Create(options => RunAsync(options, wrap)).Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static async Task<int> RunAsync(WorkerOptions options, Func<IExecutor, IExecutor> wrap)
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
            if (options.Role == WorkerRole.Verifier)
            {
                await new VerifierProcess(options, surroundings, drain).RunAsync(Console.WriteLine);
                return 0;
            }

            using var worker = new WorkerProcess(options, wrap(new CpuExecutor(options.Threads)), surroundings, drain);
            await worker.RunAsync(Console.WriteLine);
            return 0;
        }
        catch (BrokerException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
