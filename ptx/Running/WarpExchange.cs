using System.Numerics;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Running;

/// <summary>Finds the lanes of a warp that meet in a collective, and exchanges what they bring.</summary>
internal sealed class WarpExchange(WarpThreads threads)
{
    private readonly int[] _seconds = new int[WarpLanes.Count];
    private readonly int[] _thirds = new int[WarpLanes.Count];

    /// <summary>Lets lanes that wait at one place meet, if none of their masks names another; gives those that have met.</summary>
    public uint TryMeet(int warp, WaitSite site, uint lanes)
    {
        var masks = threads.Brought(warp, site.Mask, ExchangeSlots.Masks);
        if (site.Mask is not null && !Agree(masks, lanes)) return 0;
        var mask = site.Mask is null ? lanes : (uint)masks[BitOperations.TrailingZeroCount(lanes)];
        if ((lanes & ~mask) != 0)
        {
            ReportAbsent(warp, lanes & ~mask, mask);
            return 0;
        }

        if (site.Table is { } table && lanes == uint.MaxValue) Shuffle(warp, table);
        else Exchange(warp, site, lanes, threads.Brought(warp, site.Second, ExchangeSlots.Seconds), threads.Brought(warp, site.Third, ExchangeSlots.Thirds));
        return lanes;
    }

    /// <summary>Lets the first lanes meet that can; gives them, or none.</summary>
    public uint Meet(int warp)
    {
        var (live, lowest) = (threads.Live(warp), -1);
        for (var left = threads.Waiting(warp); left != 0;)
        {
            var lane = BitOperations.TrailingZeroCount(left);
            var site = threads.SiteOf(warp, lane);
            left &= left - 1;
            if (site.Operation is null) continue;
            if (site.Mask is null)
            {
                lowest = lowest < 0 ? site.Entry : Math.Min(lowest, site.Entry);
                continue;
            }

            var mask = MaskOf(warp, lane, site);
            var together = 1u << lane | Alike(warp, left, site, mask);
            left &= ~together;
            if ((together & ~mask) != 0)
            {
                ReportAbsent(warp, together & ~mask, mask);
                return 0;
            }

            if ((mask & live & ~together) != 0) continue;
            ExchangeApart(warp, site, together);
            return together;
        }

        // Without a mask, who meets is left to chance by the ISA: here those that are behind the others in the text.
        if (lowest < 0) return 0;
        var here = threads.LanesAt(warp, lowest) & threads.Waiting(warp);
        return TryMeet(warp, threads.SiteOf(warp, BitOperations.TrailingZeroCount(here)), here);
    }

    private uint MaskOf(int warp, int lane, WaitSite site) => (uint)threads.Brought(warp, lane, site.Mask, ExchangeSlots.Masks);

    private void Shuffle(int warp, ShuffleTable table)
    {
        var values = threads.Slots(warp, ExchangeSlots.Values);
        var results = threads.Slots(warp, ExchangeSlots.Results);
        var sources = table.Sources;
        for (var lane = 0; lane < sources.Length; lane++) results[lane] = values[sources[lane]];
        table.InRange.CopyTo(threads.Slots(warp, ExchangeSlots.Predicates));
    }

    /// <summary>Exchanges between lanes that may wait at several places.</summary>
    private void ExchangeApart(int warp, WaitSite site, uint lanes)
    {
        for (var left = lanes; left != 0; left &= left - 1)
        {
            var lane = BitOperations.TrailingZeroCount(left);
            var own = threads.SiteOf(warp, lane);
            _seconds[lane] = threads.Brought(warp, lane, own.Second, ExchangeSlots.Seconds);
            _thirds[lane] = threads.Brought(warp, lane, own.Third, ExchangeSlots.Thirds);
        }

        Exchange(warp, site, lanes, _seconds, _thirds);
    }

    private void Exchange(int warp, WaitSite site, uint lanes, ReadOnlySpan<int> seconds, ReadOnlySpan<int> thirds)
    {
        var strayed = threads.FindStrayed(warp);
        // A matrix has a part in each lane.
        if (site.Fragments.Count > 0 && lanes != uint.MaxValue) strayed?.Invoke(BitOperations.TrailingZeroCount(lanes));
        site.Operation!(new WarpLanes
        {
            Active = lanes,
            Values = threads.Slots(warp, ExchangeSlots.Values),
            WideValues = threads.WideSlots(warp, ExchangeSlots.Values),
            Seconds = seconds,
            Thirds = thirds,
            Results = threads.Slots(warp, ExchangeSlots.Results),
            Predicates = threads.Slots(warp, ExchangeSlots.Predicates),
            Fragments = threads.Fragments(warp),
            WideFragments = threads.WideFragments(warp),
            Strayed = strayed,
        });
    }

    /// <summary>Gives those of some lanes that wait for the same lanes in the same collective.</summary>
    private uint Alike(int warp, uint lanes, WaitSite site, uint mask)
    {
        var alike = 0u;
        for (; lanes != 0; lanes &= lanes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(lanes);
            var own = threads.SiteOf(warp, lane);
            if (own.Kind == site.Kind && MaskOf(warp, lane, own) == mask) alike |= 1u << lane;
        }

        return alike;
    }

    private static bool Agree(ReadOnlySpan<int> masks, uint lanes)
    {
        var first = masks[BitOperations.TrailingZeroCount(lanes)];
        for (; lanes != 0; lanes &= lanes - 1)
            if (masks[BitOperations.TrailingZeroCount(lanes)] != first)
                return false;
        return true;
    }

    private void ReportAbsent(int warp, uint lanes, uint mask)
    {
        var lane = BitOperations.TrailingZeroCount(lanes);
        var site = threads.SiteOf(warp, lane);
        threads.Report(
            warp, lane, FaultKind.MisusedCollective,
            $"{site.Kind} at line {site.Line} has the member mask 0x{mask:x8}, which lacks the thread itself (lane {lane})");
    }
}
