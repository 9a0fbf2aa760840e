using Broker.Ptx.Arithmetic;

namespace Broker.Ptx.Running;

/// <summary>Says where the threads of a block leave what they bring to a wait, and find what it gave them.</summary>
/// <remarks>Each kind of operand of all threads lies together, as registers do in frames.</remarks>
internal static class ExchangeSlots
{
    public const int Values = 0;
    public const int Seconds = Values + sizeof(long) * Threads + Skew;
    public const int Thirds = Seconds + sizeof(int) * Threads + Skew;
    public const int Masks = Thirds + sizeof(int) * Threads + Skew;
    public const int Results = Masks + sizeof(int) * Threads + Skew;
    public const int Predicates = Results + sizeof(int) * Threads + Skew;
    public const int Fragments = Predicates + sizeof(int) * Threads + Skew;
    public const int Bytes = Fragments + FragmentBytes * WarpLanes.MostFragments;
    public const int FragmentBytes = sizeof(long) * WarpLanes.FragmentStride;

    private const int Threads = 1024;

    // Keeps the same thread's slots out of the same set of the cache.
    private const int Skew = 192;
}
