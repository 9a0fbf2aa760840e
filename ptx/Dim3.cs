namespace Broker.Ptx;

/// <summary>Counts threads or blocks along three axes, or names one of them.</summary>
public readonly record struct Dim3(uint X, uint Y, uint Z)
{
    public ulong Count => (ulong)X * Y * Z;

    public override string ToString() => $"({X}, {Y}, {Z})";

    /// <summary>Gives the position with this linear index, x running fastest.</summary>
    internal Dim3 At(ulong index)
    {
        var (row, x) = Math.DivRem(index, X);
        var (z, y) = Math.DivRem(row, Y);
        return new((uint)x, (uint)y, (uint)z);
    }
}
