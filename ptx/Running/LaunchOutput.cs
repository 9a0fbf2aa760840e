using System.Text;

namespace Broker.Ptx.Running;

/// <summary>Gathers what the blocks of a launch print, and passes it on line by line in the order of the blocks.</summary>
/// <remarks>
/// Safe for many threads. What a launch prints is the same whatever the number of threads that run it: text waits until no earlier
/// block runs any more, and what blocks print that come after a fault is left out.
/// </remarks>
internal sealed class LaunchOutput(Action<string> printed, int limit)
{
    private readonly Lock _lock = new();
    private readonly SortedSet<ulong> _running = [];
    private readonly SortedSet<(ulong Block, byte[] Text)> _waiting = new(Comparer<(ulong Block, byte[] Text)>.Create((a, b) => a.Block.CompareTo(b.Block)));
    private readonly List<byte> _line = [];
    private ulong _end = ulong.MaxValue;
    private long _waitingBytes;
    private long _bytes;
    private bool _over;

    /// <summary>Claims a block, so that no later one is heard before it.</summary>
    public ulong Begin(ref long claimed)
    {
        lock (_lock)
        {
            var block = (ulong)claimed++;
            _running.Add(block);
            return block;
        }
    }

    /// <param name="text">What the block printed; at most a byte more than the limit.</param>
    public void End(ulong block, ReadOnlySpan<byte> text, bool faulted)
    {
        lock (_lock)
        {
            _running.Remove(block);
            if (faulted) _end = Math.Min(_end, block);
            if (text.Length > 0) Keep(block, text.ToArray());
            PassOn(_running.Count > 0 ? _running.Min : ulong.MaxValue);
        }
    }

    /// <summary>Passes on a last line that has no end.</summary>
    public void Finish()
    {
        lock (_lock)
        {
            if (_line.Count > 0) SayLine();
        }
    }

    private void Keep(ulong block, byte[] text)
    {
        _waiting.Add((block, text));
        _waitingBytes += text.Length;
        // What waits behind more than may be printed never will be.
        while (_waitingBytes - _waiting.Max.Text.Length > limit)
        {
            _waitingBytes -= _waiting.Max.Text.Length;
            _waiting.Remove(_waiting.Max);
        }
    }

    private void PassOn(ulong before)
    {
        while (_waiting.Count > 0)
        {
            var (block, text) = _waiting.Min;
            if (block >= before) return;
            _waiting.Remove(_waiting.Min);
            _waitingBytes -= text.Length;
            if (block <= _end) Say(text);
        }
    }

    private void Say(byte[] text)
    {
        foreach (var value in text)
        {
            if (_over) return;
            if (++_bytes > limit)
            {
                if (_line.Count > 0) SayLine();
                SayCut();
            }
            else if (value == '\n') SayLine();
            else _line.Add(value);
        }
    }

    private void SayLine()
    {
        printed(Encoding.UTF8.GetString([.. _line]));
        _line.Clear();
    }

    private void SayCut()
    {
        _over = true;
        printed($"cut: a launch may print {limit} bytes");
    }
}
