using System.Numerics;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Running;

/// <summary>Is the sixteen barriers of a block (PTX ISA 9.7.13.1).</summary>
/// <remarks>
/// A warp whose live threads have all come counts as 32, as if those that left or never were had come too. A barrier
/// without a count waits for every warp. Where more warps wait than a barrier counts, the first of the block pass.
/// </remarks>
internal sealed class NamedBarriers(BlockState block, WarpThreads threads)
{
    public const int Count = 16;

    private readonly int[] _arrivals = new int[Count];
    private readonly int[] _expected = new int[Count];
    private readonly uint[] _come = new uint[threads.Warps];

    public void Begin()
    {
        Array.Clear(_arrivals);
        Array.Clear(_expected);
    }

    /// <summary>Says whether a barrier opens at which all threads of the block wait.</summary>
    public bool MayAllPass(WaitSite site)
    {
        var barrier = (uint)site.Second!.Constants![0];
        if (barrier >= Count || _arrivals[barrier] != 0) return false;
        _expected[barrier] = 0;
        return true;
    }

    /// <summary>Takes note of the threads of a warp that only arrive, and lets them go on; false where there are none.</summary>
    public bool TryArrive(int warp)
    {
        var (live, gone) = (threads.Live(warp), 0u);
        for (var left = threads.Waiting(warp); left != 0; left &= left - 1)
        {
            var lane = BitOperations.TrailingZeroCount(left);
            var site = threads.SiteOf(warp, lane);
            if (!site.IsArrival || (gone >> lane & 1) != 0) continue;
            if (Check(warp, lane, site) is not { } barrier) return false;
            var lanes = Together(warp, lane, site);
            if (site.IsAligned && lanes != live) continue;
            if (!Expect(warp, lane, site, barrier)) return false;
            _arrivals[barrier] += lanes == live ? WarpLanes.Count : BitOperations.PopCount(lanes);
            threads.Ready[warp] |= lanes;
            gone |= lanes;
            Open(barrier);
        }

        return gone != 0;
    }

    /// <summary>Opens each barrier to which all have come; false where there was none.</summary>
    public bool OpenAll()
    {
        var opened = false;
        for (var barrier = 0; barrier < Count && block.Fault is null; barrier++) opened |= Open(barrier);
        return opened && block.Fault is null;
    }

    /// <summary>Gives the barrier and the count of a thread that waits at one.</summary>
    public (int Barrier, int Threads) Of(int warp, int lane, WaitSite site) =>
        (threads.Brought(warp, lane, site.Second, ExchangeSlots.Seconds),
         site.Third is null ? threads.Warps * WarpLanes.Count : threads.Brought(warp, lane, site.Third, ExchangeSlots.Thirds));

    /// <summary>Counts who has come to a barrier, as far as it is open to be counted.</summary>
    public int ComeTo(int barrier)
    {
        var come = _arrivals[barrier];
        for (var warp = 0; warp < threads.Warps; warp++) come += Weight(warp, WaitingAt(warp, barrier));
        return come;
    }

    private bool Open(int barrier)
    {
        var come = _arrivals[barrier];
        var last = -1;
        var (whole, absent) = (false, 0);
        for (var warp = 0; warp < threads.Warps; warp++)
        {
            _come[warp] = 0;
            if (threads.Live(warp) == 0) absent += WarpLanes.Count;
            if (last >= 0 && !whole && come >= _expected[barrier]) continue;
            var lanes = WaitingAt(warp, barrier);
            if (block.Fault is not null) return false;
            if (lanes == 0) continue;
            var lane = BitOperations.TrailingZeroCount(lanes);
            whole |= threads.SiteOf(warp, lane).Third is null;
            if (!Expect(warp, lane, threads.SiteOf(warp, lane), barrier)) return false;
            _come[warp] = lanes;
            come += Weight(warp, lanes);
            last = warp;
        }

        if (come == 0 || come + (whole ? absent : 0) < _expected[barrier]) return false;
        Combine();
        for (var warp = 0; warp <= last; warp++) threads.Ready[warp] |= _come[warp];
        (_arrivals[barrier], _expected[barrier]) = (0, 0);
        return true;
    }

    /// <summary>Gives the lanes of a warp that wait at a barrier and have been let into it.</summary>
    private uint WaitingAt(int warp, int barrier)
    {
        var (live, all) = (threads.Live(warp), 0u);
        for (var left = threads.Waiting(warp); left != 0; left &= left - 1)
        {
            var lane = BitOperations.TrailingZeroCount(left);
            var site = threads.SiteOf(warp, lane);
            if (!site.IsBarrier || site.IsArrival) continue;
            if (Check(warp, lane, site) is not { } number) return 0;
            if (number != barrier) continue;
            if (site.IsAligned && Together(warp, lane, site) != live) continue;
            all |= 1u << lane;
        }

        return all;
    }

    private int Weight(int warp, uint lanes) =>
        lanes != 0 && lanes == threads.Live(warp) ? WarpLanes.Count : BitOperations.PopCount(lanes);

    /// <summary>Gives the lanes that wait at the same instruction for the same barrier as one lane.</summary>
    private uint Together(int warp, int lane, WaitSite site)
    {
        var lanes = threads.LanesAt(warp, site.Entry) & threads.Waiting(warp);
        var number = Of(warp, lane, site);
        for (var left = lanes; left != 0; left &= left - 1)
        {
            var other = BitOperations.TrailingZeroCount(left);
            if (Of(warp, other, site) != number) lanes &= ~(1u << other);
        }

        return lanes;
    }

    /// <summary>Combines the predicates of those that brought one, and gives the result to them.</summary>
    private void Combine()
    {
        var (total, members) = (0, 0);
        ForEachPredicate((warp, lane, _) =>
        {
            total += threads.Slots(warp, ExchangeSlots.Values)[lane] & 1;
            members++;
        });
        ForEachPredicate((warp, lane, site) =>
        {
            var result = site.Instruction.Has("popc") ? total : site.Instruction.Has("and") ? (total == members ? 1 : 0) : Math.Min(total, 1);
            threads.Slots(warp, ExchangeSlots.Results)[lane] = result;
        });
    }

    private void ForEachPredicate(Action<int, int, WaitSite> action)
    {
        for (var warp = 0; warp < threads.Warps; warp++)
        {
            for (var lanes = _come[warp]; lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                if (threads.SiteOf(warp, lane) is { Value: not null } site) action(warp, lane, site);
            }
        }
    }

    private int? Check(int warp, int lane, WaitSite site)
    {
        var (barrier, count) = Of(warp, lane, site);
        var wrong = (uint)barrier >= Count ? $"names barrier {(uint)barrier}, but there are {Count}"
            : count <= 0 || count % WarpLanes.Count != 0 ? $"waits for {(uint)count} threads, which is no multiple of {WarpLanes.Count} above 0"
            : null;
        if (wrong is null) return barrier;
        threads.Report(warp, lane, FaultKind.MisusedCollective, $"{site.Kind} at line {site.Line} {wrong}");
        return null;
    }

    private bool Expect(int warp, int lane, WaitSite site, int barrier)
    {
        var count = Of(warp, lane, site).Threads;
        if (_expected[barrier] == 0) _expected[barrier] = count;
        if (_expected[barrier] == count) return true;
        threads.Report(
            warp, lane, FaultKind.MisusedCollective, $"{site.Kind} at line {site.Line} waits for {count} threads at barrier {barrier}, where others wait for {_expected[barrier]}");
        return false;
    }
}
