using Broker.Ptx;
using Broker.Tests;
using Broker.Verification;

namespace Broker.Bench.VerifyCost;

/// <summary>Runs a job of one launch as a worker with one core does.</summary>
internal sealed class WorkerRun : IDisposable
{
    private const double Enough = 0.5;

    private static readonly RunOptions OneCore = new() { MaxThreads = 1 };

    private readonly MemoryJob _job;
    private readonly DeviceMemory _memory = new();
    private readonly Dictionary<string, DeviceBuffer> _buffers;
    private readonly CompiledKernel _kernel;
    private readonly KernelLaunch _launch;

    public WorkerRun(MemoryJob job)
    {
        var step = job.Document.Steps[0];
        _job = job;
        _buffers = job.Document.Buffers.ToDictionary(buffer => buffer.Name, buffer => _memory.Allocate(buffer.Name, buffer.Bytes, buffer.IsResult));
        foreach (var buffer in job.Document.Buffers.Where(buffer => buffer.Content is not null)) _buffers[buffer.Name].Write(0, job.ContentOf(buffer.Name));
        _kernel = CompiledKernel.Compile(Module.Parse(job.Program), step.Kernel);
        _launch = StepLaunch.Make(_kernel.Signature, step, name => _buffers[name].Address);
        Launch(new Dim3(1, 1, 1));
    }

    /// <summary>Runs a part of the grid, or all of it.</summary>
    /// <returns>The seconds of a core that it took: what is short is run some times, and the best one counts.</returns>
    public double Time(Dim3 grid)
    {
        var (best, total) = (double.MaxValue, 0.0);
        while (total < Enough)
        {
            using var clock = new CoreClock();
            Launch(grid);
            best = Math.Min(best, clock.Seconds);
            total += clock.Seconds;
        }

        return best;
    }

    public MemoryResult Result() => new([.. _job.Document.Buffers.Where(buffer => buffer.IsResult).Select(buffer => (buffer.Name, _buffers[buffer.Name].Span(0, (int)buffer.Bytes).ToArray()))]);

    public void Dispose() => _memory.Dispose();

    private void Launch(Dim3 grid)
    {
        var outcome = _kernel.Run(_launch with { Grid = grid }, _memory, OneCore, CancellationToken.None);
        if (outcome.Status != LaunchStatus.Completed) throw new InvalidOperationException($"the job ended as {outcome.Status}: {outcome.Fault}");
    }
}
