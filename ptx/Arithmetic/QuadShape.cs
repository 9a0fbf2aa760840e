namespace Broker.Ptx.Arithmetic;

/// <summary>Is one of the four products that <c>mma.m8n8k4</c> computes of f16, each by 8 lanes of its own (PTX ISA 9.7.14.5.1).</summary>
/// <remarks>Four lanes hold the upper rows of A and left columns of B, and the four lanes 16 further on the lower rows and right columns.</remarks>
/// <param name="Quad">The number of the product, and of its lanes among the groups of four.</param>
internal sealed record QuadShape(int Quad, bool ByColumnsA, bool ByColumnsB, RealProduct Product) : MatrixShape(8, 8, 4, 16)
{
    public const int Quads = 4;

    private const int GroupLanes = 4, UpperLanes = 16;

    public override int RegistersOfA => 2;

    public override int RegistersOfB => 2;

    public override int SumsOfLane => 8;

    /// <summary>Gets the lanes that take part, as bits.</summary>
    public uint Lanes => 0xf000fu << (GroupLanes * Quad);

    public override (int Register, int Lane, int Place) PlaceInA(int row, int k) =>
        ByColumnsA ? (row % 4 / 2, LaneOf(k, row), row % 2) : (k / 2, LaneOf(row % 4, row), k % 2);

    public override (int Register, int Lane, int Place) PlaceInB(int k, int column) =>
        ByColumnsB ? (k / 2, LaneOf(column % 4, column), k % 2) : (column % 4 / 2, LaneOf(k, column), column % 2);

    public override (int Index, int Lane) PlaceInC(int row, int column) => PlaceOf(row, column, Product.AddsHalves);

    public override (int Index, int Lane) PlaceInD(int row, int column) => PlaceOf(row, column, Product.GivesHalves);

    // Halves lie row by row, floats in squares of four.
    private (int Index, int Lane) PlaceOf(int row, int column, bool halves) =>
        halves ? (column, LaneOf(row % 4, row)) : (column & 5 | row & 2, LaneOf(column & 2 | row & 1, row));

    private int LaneOf(int place, int half) => GroupLanes * Quad + place + (half >= 4 ? UpperLanes : 0);
}
