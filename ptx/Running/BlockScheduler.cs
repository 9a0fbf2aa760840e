using System.Numerics;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Running;

/// <summary>Runs the threads of a block, region after region, and lets them go on once those that they wait for have come.</summary>
/// <remarks>
/// Where all threads wait at one place, one sweep takes them all on. Else each warp in turn runs until none of its threads can
/// go on without another warp, and then barriers are looked at. Who asks for a barrier in shared memory rests meanwhile. The order depends on the kernel and its launch alone.
/// </remarks>
internal sealed class BlockScheduler
{
    private readonly BlockState _block;
    // Arrays, since they are looked into at every barrier.
    private readonly WaitSite?[] _sites;
    private readonly RegionCode[] _codeByEntry;
    private readonly WarpThreads _threads;
    private readonly WarpExchange _exchange;
    private readonly NamedBarriers _barriers;
    private readonly PolledBarriers _polls;

    public BlockScheduler(BlockState block, IReadOnlyList<WaitSite?> sites, IReadOnlyList<RegionCode> codeByEntry)
    {
        (_block, _sites, _codeByEntry) = (block, [.. sites], [.. codeByEntry]);
        _threads = new WarpThreads(block, sites);
        _exchange = new WarpExchange(_threads);
        _barriers = new NamedBarriers(block, _threads);
        _polls = new PolledBarriers(block, _threads);
    }

    /// <summary>Runs the block to its end, or until it has a fault.</summary>
    public void Run()
    {
        if (_sites.Length == 1)
        {
            Sweep(0);
            return;
        }

        _threads.Begin();
        _barriers.Begin();
        if (!SweepOn(0)) return;
        while (_block.Fault is null)
        {
            var waiting = _block.WaitingAt;
            var first = waiting.IndexOfAnyExcept(BlockState.Left);
            if (first < 0) return;
            var entry = waiting[first];
            if (waiting.IndexOfAnyExcept(entry, BlockState.Left) < 0 && (_threads.AreAllReady || !_threads.IsAnyReady && MayAllPass(_sites[entry]!)))
            {
                _threads.Begin();
                if (!SweepOn(entry)) return;
            }
            else if (!RunWarps() && _block.Fault is null && !_polls.AnswerAll())
                StuckThreads.Report(_block, _threads, _barriers);
        }
    }

    /// <summary>Takes all threads on from one place, and from the next, as long as they stay together; false at the end of the block.</summary>
    private bool SweepOn(int entry)
    {
        while (true)
        {
            entry = Sweep(entry);
            if (entry is RegionMethod.Fault or BlockState.Left) return false;
            if (entry == RegionMethod.Apart || !MayAllPass(_sites[entry]!)) return true;
        }
    }

    private int Sweep(int entry) => _codeByEntry[entry](_block, 0, _block.Threads);

    /// <summary>Says whether all threads may go on from the one place where they are, and if so exchanges what they bring.</summary>
    private bool MayAllPass(WaitSite site)
    {
        if (site.IsPoll) return false;
        if (site.Operation is null) return site.IsPlainBarrier && _barriers.MayAllPass(site);
        for (var warp = 0; warp < _block.Warps; warp++)
        {
            var live = _threads.Live(warp);
            if (live != 0 && _exchange.TryMeet(warp, site, live) != live) return false;
        }

        return true;
    }

    /// <summary>Runs each warp as far as it goes, and opens the barriers to which all have come; false where that changed nothing.</summary>
    private bool RunWarps()
    {
        var ran = false;
        for (var warp = 0; warp < _block.Warps && _block.Fault is null; warp++)
            while (_block.Fault is null && (_threads.Ready[warp] != 0 || Release(warp)))
            {
                ran = true;
                RunReady(warp);
            }

        return _block.Fault is null && (_barriers.OpenAll() || ran);
    }

    /// <summary>Finds threads of a warp that need no other warp to go on.</summary>
    private bool Release(int warp)
    {
        if (!_barriers.TryArrive(warp)) _threads.Ready[warp] |= _exchange.Meet(warp) | _polls.AnswerComplete(warp);
        return _threads.Ready[warp] != 0;
    }

    /// <summary>Runs the threads of a warp that may go on; others that wait at the same place are held back.</summary>
    private void RunReady(int warp)
    {
        var first = warp * WarpLanes.Count;
        var ready = _threads.Ready[warp];
        _threads.Ready[warp] = 0;
        var entries = _threads.EntriesOf(warp);
        while (ready != 0 && _block.Fault is null)
        {
            var entry = entries[BitOperations.TrailingZeroCount(ready)];
            var at = _threads.LanesAt(warp, entry);
            _threads.Hold(warp, at & ~ready);
            var ranOn = _codeByEntry[entry](_block, first, Math.Min(first + WarpLanes.Count, _block.Threads)) != RegionMethod.Fault;
            _threads.LetGo(warp, at & ~ready);
            ready &= ~at;
            if (!ranOn) return;
        }
    }
}
