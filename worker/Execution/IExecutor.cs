using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;

namespace Broker.Worker.Execution;

/// <summary>A device that runs programs.</summary>
/// <remarks>Safe for many threads: each slot prepares and runs on its own.</remarks>
public interface IExecutor
{
    /// <summary>What the offer says of the device; its kind is the executor's name in reports.</summary>
    DeviceFacts Facts { get; }

    /// <summary>Gets a program ready and makes its buffers, all zeros.</summary>
    /// <param name="program">The hash of the text.</param>
    /// <param name="text">The canonical PTX.</param>
    /// <param name="document">The job; every buffer's size is set.</param>
    /// <exception cref="ExecutorException">The device cannot run this program.</exception>
    IExecution Prepare(ContentHash program, string text, JobDocument document);
}

/// <summary>A prepared job on a device. Used by one thread at a time; disposing frees its memory.</summary>
public interface IExecution : IDisposable
{
    /// <summary>Copies bytes into a buffer.</summary>
    void Write(string buffer, long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Runs all steps, in order. Blocks until they are done.</summary>
    /// <param name="progress">Told when each step begins, and now and then, on any thread.</param>
    /// <param name="printed">Told each line that kernels print, on any thread, one at a time.</param>
    /// <param name="cancellation">Stops the device; the result then says where it stood.</param>
    ExecutionResult Run(Action<ExecutionProgress> progress, Action<string> printed, CancellationToken cancellation);

    /// <summary>Copies bytes out of a buffer.</summary>
    void Read(string buffer, long offset, Span<byte> destination);
}

/// <summary>How far an execution is.</summary>
/// <param name="Step">The step that runs, from 0.</param>
/// <param name="BlocksDone">Blocks done in all steps and repetitions.</param>
public readonly record struct ExecutionProgress(int Step, long BlocksDone);
