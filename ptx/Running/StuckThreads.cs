using System.Numerics;
using Broker.Ptx.Arithmetic;

namespace Broker.Ptx.Running;

/// <summary>Says for what a block waits whose threads all wait.</summary>
internal static class StuckThreads
{
    public static void Report(BlockState block, WarpThreads threads, NamedBarriers barriers)
    {
        for (var warp = 0; warp < threads.Warps; warp++)
            for (var lanes = threads.Waiting(warp); lanes != 0; lanes &= lanes - 1)
            {
                var lane = BitOperations.TrailingZeroCount(lanes);
                if (threads.SiteOf(warp, lane).Operation is null) continue;
                ReportCollective(threads, warp, lane);
                return;
            }

        if (!TryReportDivergence(threads)) ReportBarrier(block, threads, barriers);
    }

    private static void ReportCollective(WarpThreads threads, int warp, int lane)
    {
        var site = threads.SiteOf(warp, lane);
        var mask = (uint)threads.Brought(warp, lane, site.Mask, ExchangeSlots.Masks);
        for (var others = mask & threads.Live(warp); others != 0; others &= others - 1)
        {
            var other = BitOperations.TrailingZeroCount(others);
            var otherSite = threads.SiteOf(warp, other);
            var otherMask = (uint)threads.Brought(warp, other, otherSite.Mask, ExchangeSlots.Masks);
            var sameKind = otherSite.Kind == site.Kind;
            if (sameKind && otherMask == mask) continue;
            var reason = sameKind ? $" with the member mask 0x{otherMask:x8}" : $" in {otherSite.Kind}";
            threads.Report(
                warp, lane, FaultKind.Deadlock,
                $"deadlock: this thread waits at line {site.Line} in {site.Kind} with the member mask 0x{mask:x8} for lane {other}, which waits at line {otherSite.Line}{reason}");
            return;
        }
    }

    private static bool TryReportDivergence(WarpThreads threads)
    {
        for (var warp = 0; warp < threads.Warps; warp++)
        {
            var waiting = threads.Waiting(warp);
            if (waiting == 0) continue;
            var site = threads.SiteOf(warp, BitOperations.TrailingZeroCount(waiting));
            var apart = waiting & ~threads.LanesAt(warp, site.Entry);
            if (apart == 0) continue;
            var other = BitOperations.TrailingZeroCount(apart);
            var line = threads.SiteOf(warp, other).Line;
            threads.Report(warp, other, FaultKind.DivergentBarrier, $"divergent barrier: this thread waits at line {line}, others at line {site.Line}");
            return true;
        }

        return false;
    }

    private static void ReportBarrier(BlockState block, WarpThreads threads, NamedBarriers barriers)
    {
        var thread = block.WaitingAt.IndexOfAnyExcept(BlockState.Left);
        var (warp, lane) = (thread / WarpLanes.Count, thread % WarpLanes.Count);
        var site = threads.SiteOf(warp, lane);
        var (barrier, count) = barriers.Of(warp, lane, site);
        threads.Report(
            warp, lane, FaultKind.Deadlock,
            $"deadlock: this thread waits at line {site.Line} for {count} threads at barrier {barrier}, where {barriers.ComeTo(barrier)} have come");
    }
}
