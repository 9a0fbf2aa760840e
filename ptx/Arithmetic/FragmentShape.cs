namespace Broker.Ptx.Arithmetic;

/// <summary>Is a product with the layout of <c>wmma</c>, which the manual leaves open (PTX ISA 9.7.14.4.1).</summary>
/// <remarks>
/// Here each lane has a run of neighbours: of A and B along their rows or columns, as their layout says, of C and D along rows. The first
/// lane has the first run of the first row or column, the next lane what follows. Where there are more registers than that fills, they hold it again.
/// </remarks>
internal sealed record FragmentShape(int Rows, int Columns, int Depth, int ElementBits, bool ByColumnsA, bool ByColumnsB) : MatrixShape(Rows, Columns, Depth, ElementBits)
{
    // Of f16 the manual wants as many registers whatever the shape.
    private const int RegistersOfHalves = 8;

    public override int RegistersOfA => Registers(Rows * Depth);

    public override int RegistersOfB => Registers(Depth * Columns);

    public override (int Register, int Lane, int Place) PlaceInA(int row, int k) => PlaceOf(ByColumnsA ? k * Rows + row : row * Depth + k, Rows * Depth);

    public override (int Register, int Lane, int Place) PlaceInB(int k, int column) => PlaceOf(ByColumnsB ? column * Depth + k : k * Columns + column, Depth * Columns);

    public override (int Index, int Lane) PlaceInC(int row, int column) =>
        ((row * Columns + column) % SumsOfLane, (row * Columns + column) / SumsOfLane);

    /// <summary>Gets whether A and B are f16, of which registers may hold copies.</summary>
    public bool IsHalf { get; init; }

    private int Registers(int elements) => IsHalf ? RegistersOfHalves : elements / (WarpLanes.Count * PerRegister);

    private (int Register, int Lane, int Place) PlaceOf(int element, int elements)
    {
        var run = elements / WarpLanes.Count;
        return (element % run / PerRegister, element / run, element % PerRegister);
    }
}
