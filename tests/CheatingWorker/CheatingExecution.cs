using Broker.Ptx.Verify;
using Broker.Worker.Execution;

namespace Broker.CheatingWorker;

/// <summary>An execution that gives zeros where it should give what some blocks computed.</summary>
internal sealed class CheatingExecution(IExecution honest, IReadOnlyDictionary<string, List<ByteRange>> forged) : IExecution
{
    public void Write(string buffer, long offset, ReadOnlySpan<byte> bytes) => honest.Write(buffer, offset, bytes);

    public ExecutionResult Run(Action<ExecutionProgress> progress, Action<string> printed, CancellationToken cancellation) => honest.Run(progress, printed, cancellation);

    public void Read(string buffer, long offset, Span<byte> destination)
    {
        honest.Read(buffer, offset, destination);
        foreach (var range in forged.GetValueOrDefault(buffer) ?? [])
        {
            var (start, end) = (Math.Max(0, range.Start - offset), Math.Min(destination.Length, range.End - offset));
            if (start < end) destination[(int)start..(int)end].Clear();
        }
    }

    public void Dispose() => honest.Dispose();
}
