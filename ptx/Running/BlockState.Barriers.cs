using Broker.Ptx.Arithmetic;

namespace Broker.Ptx.Running;

/// <summary>Says what is done to a barrier in shared memory. Emitted code passes these as numbers.</summary>
internal enum BarrierChange
{
    Initialise,
    Invalidate,
    ExpectBytes,
    CompleteBytes,
    Arrive,
    ArriveWithoutEnd,
    ArriveAndExpectBytes,
    Drop,
    DropWithoutEnd,
    DropAndExpectBytes,

    /// <summary>Looks whether a barrier is there.</summary>
    Look,
}

/// <content>Is what emitted code does to barriers in shared memory.</content>
internal sealed unsafe partial class BlockState
{
    /// <summary>Is what <see cref="ChangeBarrier"/> gives where the thread must not run on.</summary>
    public const long BarrierFailed = -1;

    /// <summary>Changes a barrier, and gives what it was before.</summary>
    public long ChangeBarrier(nint place, int count, int change, int line)
    {
        var bits = (long*)place;
        var before = *bits;
        if ((BarrierChange)change == BarrierChange.Initialise)
        {
            if (count is <= 0 or > CountingBarrier.MostArrivals) return FailBarrier(line, $"cannot wait for {(uint)count} arrivals");
            *bits = CountingBarrier.Of(count).Bits;
            return before & long.MaxValue;
        }

        if (CountingBarrier.Read(before) is not { } barrier) return FailBarrier(line, "names a place where no barrier was initialised");
        if (Refuse((BarrierChange)change, barrier, count) is { } reason) return FailBarrier(line, reason);
        var after = Change(barrier, count, (BarrierChange)change);
        if (!after.IsInRange) return FailBarrier(line, $"takes {count} bytes, of which a barrier cannot count so many");
        *bits = (BarrierChange)change switch
        {
            BarrierChange.Invalidate => 0,
            BarrierChange.Look or BarrierChange.ExpectBytes => after.Bits,
            _ => after.Settle().Bits,
        };
        return before;
    }

    private static CountingBarrier Change(CountingBarrier barrier, int count, BarrierChange change) => change switch
    {
        BarrierChange.ExpectBytes => barrier with { Bytes = barrier.Bytes + count },
        BarrierChange.CompleteBytes => barrier with { Bytes = barrier.Bytes - count },
        BarrierChange.Arrive or BarrierChange.ArriveWithoutEnd => barrier with { Pending = barrier.Pending - count },
        BarrierChange.ArriveAndExpectBytes => barrier with { Pending = barrier.Pending - 1, Bytes = barrier.Bytes + count },
        BarrierChange.Drop or BarrierChange.DropWithoutEnd => barrier with { Pending = barrier.Pending - count, Expected = barrier.Expected - count },
        BarrierChange.DropAndExpectBytes => barrier with { Pending = barrier.Pending - 1, Expected = barrier.Expected - 1, Bytes = barrier.Bytes + count },
        _ => barrier,
    };

    private static string? Refuse(BarrierChange change, CountingBarrier barrier, int count)
    {
        var arrivals = change switch
        {
            BarrierChange.Arrive or BarrierChange.ArriveWithoutEnd or BarrierChange.Drop or BarrierChange.DropWithoutEnd => count,
            BarrierChange.ArriveAndExpectBytes or BarrierChange.DropAndExpectBytes => 1,
            _ => 0,
        };
        var isArrival = change is not (BarrierChange.Invalidate or BarrierChange.ExpectBytes or BarrierChange.CompleteBytes or BarrierChange.Look);
        if (isArrival && (arrivals <= 0 || arrivals > barrier.Pending)) return $"arrives {(uint)arrivals} times where {barrier.Pending} arrivals are pending";
        if (change is BarrierChange.ArriveWithoutEnd or BarrierChange.DropWithoutEnd && arrivals == barrier.Pending && barrier.Bytes == 0)
            return "completes the phase, which it says that it does not";
        return change is BarrierChange.ExpectBytes or BarrierChange.CompleteBytes or BarrierChange.ArriveAndExpectBytes or BarrierChange.DropAndExpectBytes
            && count is < 0 or > CountingBarrier.MostArrivals
            ? $"takes {(uint)count} bytes, of which a barrier cannot count so many"
            : null;
    }

    private long FailBarrier(int line, string reason)
    {
        Report(FaultKind.MisusedCollective, line, $"mbarrier at line {line} {reason}");
        return BarrierFailed;
    }
}
