using System.Diagnostics;

namespace Broker.Bench.Kernels;

/// <summary>Runs a case: the engine does, and so do those that it is compared with.</summary>
internal abstract class Contender(KernelCase kernel) : IDisposable
{
    protected KernelCase Case { get; } = kernel;

    public TimeSpan Best { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Runs the case once from its inputs, and keeps the time where it is the best so far.</summary>
    public void Time()
    {
        foreach (var buffer in Case.Buffers.Where(buffer => buffer.Written)) buffer.Content.CopyTo(Memory(buffer));
        var start = Stopwatch.GetTimestamp();
        Run();
        var elapsed = Stopwatch.GetElapsedTime(start);
        if (elapsed < Best) Best = elapsed;
    }

    /// <summary>Says where the last run's outputs differ from another's, or null where they do not.</summary>
    public string? Difference(Contender other)
    {
        foreach (var buffer in Case.Buffers.Where(buffer => buffer.Written))
        {
            var mine = Memory(buffer);
            var theirs = other.Memory(buffer);
            var equal = mine.CommonPrefixLength(theirs);
            if (equal < mine.Length) return $"{buffer.Name} differs from byte {equal} on: {Word(mine, equal)} and {Word(theirs, equal)}";
        }

        return null;
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    public abstract Span<byte> Memory(BufferData buffer);

    protected abstract void Run();

    protected abstract void Dispose(bool disposing);

    private static string Word(Span<byte> bytes, int index) => $"0x{BitConverter.ToUInt32(bytes[(index / 4 * 4)..]):x8}";
}
