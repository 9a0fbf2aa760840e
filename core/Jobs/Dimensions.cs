namespace Broker.Core.Jobs;

/// <summary>A size in up to three dimensions: of a grid in blocks, or of a block in threads.</summary>
public readonly record struct Dimensions(long X, long Y, long Z)
{
    public long Count => X * Y * Z;

    public override string ToString() => $"{X}x{Y}x{Z}";
}
