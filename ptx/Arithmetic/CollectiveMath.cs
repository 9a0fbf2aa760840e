using System.Numerics;

namespace Broker.Ptx.Arithmetic;

/// <summary>Is what the lanes of one warp bring to a collective, and where its results go: each span has one element a lane.</summary>
internal readonly ref struct WarpLanes
{
    public const int Count = 32;

    /// <summary>Gets the lanes that take part, which are those whose results are written.</summary>
    public required uint Active { get; init; }

    public required ReadOnlySpan<int> Values { get; init; }

    /// <summary>Gets the values of 64 bits, which lie in the same place as those of 32 bits.</summary>
    public required ReadOnlySpan<long> WideValues { get; init; }

    public required ReadOnlySpan<int> Seconds { get; init; }

    public required ReadOnlySpan<int> Thirds { get; init; }

    public required Span<int> Results { get; init; }

    public required Span<int> Predicates { get; init; }

    /// <summary>Gets the registers of matrices: one of all lanes, then, a stride further on, the next. Results take the place of the first.</summary>
    public required Span<int> Fragments { get; init; }

    public required Span<long> WideFragments { get; init; }

    /// <summary>Gets what is told of each lane whose shuffle takes from a lane that takes no part; null where nobody asks.</summary>
    public Action<int>? Strayed { get; init; }

    /// <summary>Gives a register of a matrix; that of a lane that takes no part is zero.</summary>
    public int Fragment(int register, int lane) => (Active >> lane & 1) != 0 ? Fragments[register * 2 * FragmentStride + lane] : 0;

    public long WideFragment(int register, int lane) => (Active >> lane & 1) != 0 ? WideFragments[register * FragmentStride + lane] : 0;

    /// <summary>Gives a lane its result; those that take no part keep what they brought to where they wait.</summary>
    public void GiveFragment(int register, int lane, int value)
    {
        if ((Active >> lane & 1) != 0) Fragments[register * 2 * FragmentStride + lane] = value;
    }

    public void GiveWideFragment(int register, int lane, long value)
    {
        if ((Active >> lane & 1) != 0) WideFragments[register * FragmentStride + lane] = value;
    }

    public const int MostFragments = 24;

    /// <summary>Gets how many values of 64 bits lie between a register of a lane and its next.</summary>
    public const int FragmentStride = 1024;
}

/// <summary>Is a collective of one warp.</summary>
internal delegate void WarpOperation(WarpLanes lanes);

/// <summary>Is the meaning of collectives: pure functions of what the lanes bring.</summary>
internal static class CollectiveMath
{
    private const int LaneBits = WarpLanes.Count - 1;

    public static void ShuffleUp(WarpLanes lanes)
    {
        for (var active = lanes.Active; active != 0; active &= active - 1)
        {
            var lane = BitOperations.TrailingZeroCount(active);
            var source = lane - (lanes.Seconds[lane] & LaneBits);
            Take(lanes, lane, source, source >= Bound(lane, lanes.Thirds[lane]));
        }
    }

    public static void ShuffleDown(WarpLanes lanes)
    {
        for (var active = lanes.Active; active != 0; active &= active - 1)
        {
            var lane = BitOperations.TrailingZeroCount(active);
            var source = lane + (lanes.Seconds[lane] & LaneBits);
            Take(lanes, lane, source, source <= Bound(lane, lanes.Thirds[lane]));
        }
    }

    public static void ShuffleButterfly(WarpLanes lanes)
    {
        for (var active = lanes.Active; active != 0; active &= active - 1)
        {
            var lane = BitOperations.TrailingZeroCount(active);
            var source = lane ^ lanes.Seconds[lane] & LaneBits;
            Take(lanes, lane, source, source <= Bound(lane, lanes.Thirds[lane]));
        }
    }

    public static void ShuffleIndexed(WarpLanes lanes)
    {
        for (var active = lanes.Active; active != 0; active &= active - 1)
        {
            var lane = BitOperations.TrailingZeroCount(active);
            var segment = Segment(lanes.Thirds[lane]);
            var source = lane & segment | lanes.Seconds[lane] & LaneBits & ~segment;
            Take(lanes, lane, source, source <= Bound(lane, lanes.Thirds[lane]));
        }
    }

    public static void All(WarpLanes lanes) => Give(lanes, Votes(lanes) == lanes.Active ? 1 : 0);

    public static void Any(WarpLanes lanes) => Give(lanes, Votes(lanes) != 0 ? 1 : 0);

    public static void Uniform(WarpLanes lanes)
    {
        var votes = Votes(lanes);
        Give(lanes, votes == 0 || votes == lanes.Active ? 1 : 0);
    }

    public static void Ballot(WarpLanes lanes) => Give(lanes, (int)Votes(lanes));

    public static void MatchAny(WarpLanes lanes) => Match(lanes, lanes.Values);

    public static void MatchAnyWide(WarpLanes lanes) => Match(lanes, lanes.WideValues);

    public static void MatchAll(WarpLanes lanes) => MatchWhole(lanes, lanes.Values);

    public static void MatchAllWide(WarpLanes lanes) => MatchWhole(lanes, lanes.WideValues);

    public static void Sum(WarpLanes lanes) => Fold(lanes, (a, b) => a + b);

    public static void MinS32(WarpLanes lanes) => Fold(lanes, Math.Min);

    public static void MaxS32(WarpLanes lanes) => Fold(lanes, Math.Max);

    public static void MinU32(WarpLanes lanes) => Fold(lanes, (a, b) => (int)Math.Min((uint)a, (uint)b));

    public static void MaxU32(WarpLanes lanes) => Fold(lanes, (a, b) => (int)Math.Max((uint)a, (uint)b));

    public static void And(WarpLanes lanes) => Fold(lanes, (a, b) => a & b);

    public static void Or(WarpLanes lanes) => Fold(lanes, (a, b) => a | b);

    public static void Xor(WarpLanes lanes) => Fold(lanes, (a, b) => a ^ b);

    public static void MinF32(WarpLanes lanes) => FoldReal(lanes, RealMath.Min, absolute: false);

    public static void MaxF32(WarpLanes lanes) => FoldReal(lanes, RealMath.Max, absolute: false);

    public static void MinNaNF32(WarpLanes lanes) => FoldReal(lanes, RealMath.MinNaN, absolute: false);

    public static void MaxNaNF32(WarpLanes lanes) => FoldReal(lanes, RealMath.MaxNaN, absolute: false);

    public static void MinAbsoluteF32(WarpLanes lanes) => FoldReal(lanes, RealMath.Min, absolute: true);

    public static void MaxAbsoluteF32(WarpLanes lanes) => FoldReal(lanes, RealMath.Max, absolute: true);

    public static void MinAbsoluteNaNF32(WarpLanes lanes) => FoldReal(lanes, RealMath.MinNaN, absolute: true);

    public static void MaxAbsoluteNaNF32(WarpLanes lanes) => FoldReal(lanes, RealMath.MaxNaN, absolute: true);

    public static void ActiveMask(WarpLanes lanes) => Give(lanes, (int)lanes.Active);

    public static void Elect(WarpLanes lanes)
    {
        var leader = BitOperations.TrailingZeroCount(lanes.Active);
        Give(lanes, leader);
        for (var lane = 0; lane < WarpLanes.Count; lane++) lanes.Predicates[lane] = lane == leader ? 1 : 0;
    }

    // PTX ISA 9.7.9.6: bits 8 to 12 of the third operand cut the warp into segments, bits 0 to 4 bound the lane inside one.
    private static int Segment(int third) => third >> 8 & LaneBits;

    private static int Bound(int lane, int third) => lane & Segment(third) | third & LaneBits & ~Segment(third);

    private static void Take(WarpLanes lanes, int lane, int source, bool inRange)
    {
        lanes.Predicates[lane] = inRange ? 1 : 0;
        var takesPart = inRange && (lanes.Active >> source & 1) != 0;
        if (inRange && !takesPart) lanes.Strayed?.Invoke(lane);
        lanes.Results[lane] = lanes.Values[takesPart ? source : lane];
    }

    private static uint Votes(WarpLanes lanes)
    {
        var votes = 0u;
        for (var lane = 0; lane < WarpLanes.Count; lane++) votes |= (uint)(lanes.Values[lane] & 1) << lane;
        return votes & lanes.Active;
    }

    private static void Give(WarpLanes lanes, int result)
    {
        for (var active = lanes.Active; active != 0; active &= active - 1) lanes.Results[BitOperations.TrailingZeroCount(active)] = result;
    }

    private static void Match<T>(WarpLanes lanes, ReadOnlySpan<T> values)
        where T : IEquatable<T>
    {
        for (var left = lanes.Active; left != 0;)
        {
            var alike = Alike(lanes.Active, values, values[BitOperations.TrailingZeroCount(left)]);
            for (var lane = 0; lane < WarpLanes.Count; lane++)
                if ((alike >> lane & 1) != 0)
                    lanes.Results[lane] = (int)alike;
            left &= ~alike;
        }
    }

    private static void MatchWhole<T>(WarpLanes lanes, ReadOnlySpan<T> values)
        where T : IEquatable<T>
    {
        var same = Alike(lanes.Active, values, values[BitOperations.TrailingZeroCount(lanes.Active)]) == lanes.Active;
        Give(lanes, same ? (int)lanes.Active : 0);
        lanes.Predicates.Fill(same ? 1 : 0);
    }

    private static uint Alike<T>(uint active, ReadOnlySpan<T> values, T value)
        where T : IEquatable<T>
    {
        var alike = 0u;
        for (var lane = 0; lane < WarpLanes.Count; lane++)
            if (values[lane].Equals(value))
                alike |= 1u << lane;
        return alike & active;
    }

    private static void Fold(WarpLanes lanes, Func<int, int, int> combine)
    {
        var active = lanes.Active;
        var result = lanes.Values[BitOperations.TrailingZeroCount(active)];
        for (active &= active - 1; active != 0; active &= active - 1) result = combine(result, lanes.Values[BitOperations.TrailingZeroCount(active)]);
        Give(lanes, result);
    }

    private static void FoldReal(WarpLanes lanes, Func<float, float, float> combine, bool absolute)
    {
        Fold(lanes, (a, b) => BitConverter.SingleToInt32Bits(combine(Read(a), Read(b))));
        var first = BitOperations.TrailingZeroCount(lanes.Active);
        // A lane alone is combined with nothing; its sign and its NaN are treated alike.
        Give(lanes, BitConverter.SingleToInt32Bits(RealMath.Canonical(Read(lanes.Results[first]))));

        float Read(int bits) => BitConverter.Int32BitsToSingle(absolute ? bits & int.MaxValue : bits);
    }
}
