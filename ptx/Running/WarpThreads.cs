using System.Numerics;
using System.Runtime.Intrinsics;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Running;

/// <summary>Knows where the threads of a block stand, warp by warp. Sets of lanes are bits.</summary>
internal sealed unsafe class WarpThreads(BlockState block, IReadOnlyList<WaitSite?> sites)
{
    // Marks an entry at which no region lets a thread in.
    private const int Held = 1 << 30;

    /// <summary>Gets for each warp the lanes that wait for nobody any more but have not run on yet.</summary>
    public uint[] Ready { get; } = new uint[block.Warps];

    public int Warps => block.Warps;

    public bool IsAnyReady => Ready.AsSpan().IndexOfAnyExcept(0u) >= 0;

    public bool AreAllReady
    {
        get
        {
            for (var warp = 0; warp < Warps; warp++)
                if (Ready[warp] != Live(warp))
                    return false;
            return true;
        }
    }

    public void Begin() => Array.Clear(Ready);

    public Span<int> EntriesOf(int warp) => new(block.Entries + warp * WarpLanes.Count, WarpLanes.Count);

    /// <summary>Gives the lanes whose threads have not left the kernel.</summary>
    public uint Live(int warp) => ~LanesAt(warp, BlockState.Left);

    /// <summary>Gives the lanes whose threads wait.</summary>
    public uint Waiting(int warp) => Live(warp) & ~Ready[warp];

    public uint LanesAt(int warp, int entry)
    {
        ref var entries = ref EntriesOf(warp)[0];
        var wanted = Vector256.Create(entry);
        var lanes = 0u;
        for (var lane = 0; lane < WarpLanes.Count; lane += Vector256<int>.Count)
            lanes |= Vector256.Equals(Vector256.LoadUnsafe(ref entries, (nuint)lane), wanted).ExtractMostSignificantBits() << lane;
        return lanes;
    }

    public WaitSite SiteOf(int warp, int lane) => sites[EntriesOf(warp)[lane]]!;

    public WaitSite SiteOf(int thread) => sites[block.WaitingAt[thread]]!;

    public void Hold(int warp, uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1) EntriesOf(warp)[BitOperations.TrailingZeroCount(lanes)] |= Held;
    }

    public void LetGo(int warp, uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1) EntriesOf(warp)[BitOperations.TrailingZeroCount(lanes)] &= ~Held;
    }

    /// <summary>Gives one operand of all lanes of a warp, as they brought it to one place.</summary>
    public ReadOnlySpan<int> Brought(int warp, WaitOperand? operand, int slots) => operand?.Constants ?? Slots(warp, slots);

    /// <summary>Gives what one lane brought.</summary>
    public int Brought(int warp, int lane, WaitOperand? operand, int slots) => Brought(warp, operand, slots)[lane];

    public Span<int> Slots(int warp, int slots) => new((int*)(block.Exchange + slots) + warp * WarpLanes.Count, WarpLanes.Count);

    public Span<long> WideSlots(int warp, int slots) => new((long*)(block.Exchange + slots) + warp * WarpLanes.Count, WarpLanes.Count);

    public Span<int> Fragments(int warp) =>
        new((int*)(block.Exchange + ExchangeSlots.Fragments) + warp * WarpLanes.Count, FragmentsLength(2));

    public Span<long> WideFragments(int warp) =>
        new((long*)(block.Exchange + ExchangeSlots.Fragments) + warp * WarpLanes.Count, FragmentsLength(1));

    private static int FragmentsLength(int perStride) => (WarpLanes.MostFragments - 1) * WarpLanes.FragmentStride * perStride + WarpLanes.Count;

    /// <summary>Gives what notes the lanes that take what no lane brought, in audits that track.</summary>
    public Action<int>? FindStrayed(int warp) => block.Tracker is null ? null : lane =>
    {
        block.Thread = warp * WarpLanes.Count + lane;
        var line = SiteOf(warp, lane).Line;
        block.Find(Audit.FindingKind.UnspecifiedBits, line, $"line {line} takes a value from a lane that takes no part, which differs between machines");
    };

    public void Report(int warp, int lane, FaultKind kind, string message)
    {
        block.Thread = warp * WarpLanes.Count + lane;
        block.Report(kind, SiteOf(warp, lane).Line, message);
    }
}
