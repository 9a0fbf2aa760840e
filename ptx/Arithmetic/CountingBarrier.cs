namespace Broker.Ptx.Arithmetic;

/// <summary>Is a barrier that lies in shared memory and counts arrivals and bytes, phase after phase (PTX ISA 9.7.13.15).</summary>
/// <param name="Phase">The parity of the phase that is not complete yet.</param>
/// <param name="Pending">How many arrivals this phase still waits for.</param>
/// <param name="Expected">How many the next phase will wait for.</param>
/// <param name="Bytes">How many bytes of transactions this phase still waits for.</param>
/// <remarks>The manual leaves open how it lies in its 64 bits; here they are never negative, and zero is no barrier.</remarks>
internal readonly record struct CountingBarrier(int Phase, int Pending, int Expected, int Bytes)
{
    public const int MostArrivals = (1 << CountBits) - 1;

    private const int CountBits = 20;
    private const int ByteBits = CountBits + 1;
    private const int ExpectedShift = CountBits;
    private const int BytesShift = 2 * CountBits;
    private const int PhaseShift = BytesShift + ByteBits;
    private const long IsBarrier = 1L << (PhaseShift + 1);

    public static CountingBarrier Of(int arrivals) => new(0, arrivals, arrivals, 0);

    /// <summary>Reads the bits of a barrier, or of what an arrival at one gave.</summary>
    public static CountingBarrier? Read(long bits) => (bits & IsBarrier) == 0
        ? null
        : new CountingBarrier(
            (int)(bits >> PhaseShift) & 1,
            (int)bits & MostArrivals,
            (int)(bits >> ExpectedShift) & MostArrivals,
            (int)(bits >> BytesShift) << (32 - ByteBits) >> (32 - ByteBits));

    public long Bits =>
        IsBarrier | (long)Phase << PhaseShift | ((long)Bytes & ((1L << ByteBits) - 1)) << BytesShift | (long)Expected << ExpectedShift | (long)Pending;

    /// <summary>Gets whether the counts are within what the manual allows.</summary>
    public bool IsInRange => Pending >= 0 && Expected is >= 0 and <= MostArrivals && Math.Abs(Bytes) <= MostArrivals;

    /// <summary>Begins the next phase where this one waits for nothing more.</summary>
    public CountingBarrier Settle() => Pending == 0 && Bytes == 0 ? new CountingBarrier(1 - Phase, Expected, Expected, 0) : this;

    /// <summary>Gives how many arrivals were pending when somebody arrived.</summary>
    public static int PendingCount(long bits) => (int)bits & MostArrivals;
}
