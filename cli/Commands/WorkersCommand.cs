using System.CommandLine;
using Broker.Cli.Output;
using Broker.Core.Api;

namespace Broker.Cli.Commands;

/// <summary><c>broker workers</c>: who could run jobs.</summary>
internal static class WorkersCommand
{
    public static Command Create(GlobalOptions global)
    {
        var command = new Command("workers", "List the registered workers: device, provider, last sign of life, and what checks of their results found");
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var workers = await Pages.ReadAllAsync(next => client.ListWorkersAsync(next, cancellation));
            terminal.Answer(new Page<WorkerView>(workers), () =>
            {
                if (workers.IsEmpty) terminal.Note("No workers are registered. `broker up` starts some with a broker of your own; elsewhere a provider starts them.");
                var table = new PlainTable("ID", "NAME", "PROVIDER", "KIND", "DEVICE", "COMPUTE", "MEMORY", "REGISTERED", "HEARTBEAT", "CHECKED", "WRONG", "STANDING");
                foreach (var worker in workers)
                {
                    table.Add(
                        $"{worker.Id}", worker.Name, $"{worker.Provider}", worker.Device.Kind, worker.Device.Name,
                        Words.Capability(worker.Device.ComputeCapability), Words.Bytes(worker.Device.MemoryBytes),
                        Words.Time(worker.RegisteredAt), worker.HeartbeatAt is { } heartbeat ? Words.Time(heartbeat) : "never",
                        $"{worker.Reputation.Checked}", $"{worker.Reputation.Wrong}",
                        worker.Reputation.Suspended is { } reason ? $"suspended: {reason}" : worker.Reputation.SampleFactor > 1 ? "new" : "good");
                }

                if (!workers.IsEmpty) table.Write(terminal);
            });
            return ExitCode.Ok;
        });
        return command;
    }
}
