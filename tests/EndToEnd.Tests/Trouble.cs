using System.Diagnostics;

namespace Broker.EndToEnd.Tests;

/// <summary>What goes wrong on the way to the storage, by a seeded schedule.</summary>
/// <param name="seed">Everything that chance decides follows from it, and from the order in which requests come.</param>
/// <param name="outages">What the storage answers in each of its outages, one after the other.</param>
/// <param name="lostAnswers">The share of writes that are done and whose answer is lost.</param>
internal sealed class Trouble(int seed, int[] outages, double lostAnswers)
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly Stopwatch _clock = new();
    private readonly Queue<int> _outages = new(outages);
    private bool _begun;
    private int _untilNext;

    /// <summary>How many requests were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>How many answers were lost.</summary>
    public int Lost { get; private set; }

    /// <summary>How many outages are still to come, or not over.</summary>
    public int OutagesLeft
    {
        get
        {
            lock (_lock) return _outages.Count;
        }
    }

    /// <summary>Nothing goes wrong before this.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _begun = true;
            _untilNext = NextOutage();
        }
    }

    /// <summary>Asks of each request, in order, whether the storage refuses it.</summary>
    /// <returns>The status; null where it does not.</returns>
    public int? Refuse()
    {
        lock (_lock)
        {
            if (!_begun || _outages.Count == 0 || --_untilNext > 0) return null;
            if (!_clock.IsRunning) _clock.Start();
            if (_clock.Elapsed < Outage)
            {
                Refused++;
                return _outages.Peek();
            }

            _clock.Reset();
            _outages.Dequeue();
            _untilNext = NextOutage();
            return null;
        }
    }

    /// <summary>Asks of each write that was done whether its answer is lost.</summary>
    public bool Lose()
    {
        lock (_lock)
        {
            if (!_begun || _random.NextDouble() >= lostAnswers) return false;
            Lost++;
            return true;
        }
    }

    private int NextOutage() => _random.Next(100, 400);
}
