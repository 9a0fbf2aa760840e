using System.Numerics;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Running;

/// <summary>Lets threads go on that have asked whether a phase of a barrier in shared memory is complete.</summary>
/// <remarks>
/// The manual lets the answer take its time. So a thread rests until the phase is complete, and hears that it is not only
/// once no thread of the block can do anything else: those that it waits for come before it asks again.
/// </remarks>
internal sealed unsafe class PolledBarriers(BlockState block, WarpThreads threads)
{
    /// <summary>Answers the lanes of a warp whose phase is complete; gives them.</summary>
    public uint AnswerComplete(int warp)
    {
        var answered = 0u;
        for (var left = threads.Waiting(warp); left != 0; left &= left - 1)
        {
            var lane = BitOperations.TrailingZeroCount(left);
            if (threads.SiteOf(warp, lane) is not { IsPoll: true } site || !IsComplete(warp, lane, site)) continue;
            threads.Slots(warp, ExchangeSlots.Results)[lane] = 1;
            answered |= 1u << lane;
        }

        return answered;
    }

    /// <summary>Answers all that ask; false where nobody does.</summary>
    public bool AnswerAll()
    {
        var any = false;
        for (var warp = 0; warp < threads.Warps; warp++)
        {
            for (var left = threads.Waiting(warp); left != 0; left &= left - 1)
            {
                var lane = BitOperations.TrailingZeroCount(left);
                if (threads.SiteOf(warp, lane) is not { IsPoll: true } site) continue;
                threads.Slots(warp, ExchangeSlots.Results)[lane] = IsComplete(warp, lane, site) ? 1 : 0;
                threads.Ready[warp] |= 1u << lane;
                any = true;
            }
        }

        return any;
    }

    // Of a phase a thread knows its parity, or what an arrival in it gave.
    private bool IsComplete(int warp, int lane, WaitSite site)
    {
        var barrier = CountingBarrier.Read(*(long*)(block.Shared + threads.Brought(warp, lane, site.Second, ExchangeSlots.Seconds)));
        var phase = site.Value!.Type.Bits == 32
            ? threads.Slots(warp, ExchangeSlots.Values)[lane] & 1
            : CountingBarrier.Read(threads.WideSlots(warp, ExchangeSlots.Values)[lane])?.Phase;
        return barrier?.Phase != phase;
    }
}
