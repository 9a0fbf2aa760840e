namespace Broker.Ptx.Arithmetic;

/// <summary>Is a product of small matrices that a warp computes, and how their elements lie in its registers.</summary>
/// <param name="Rows">The rows of A and of the sums.</param>
/// <param name="Columns">The columns of B and of the sums.</param>
/// <param name="Depth">The columns of A and rows of B.</param>
/// <param name="ElementBits">The bits of an element of A and B.</param>
internal abstract record MatrixShape(int Rows, int Columns, int Depth, int ElementBits)
{
    /// <summary>Gets how many elements one register holds.</summary>
    public int PerRegister => ElementBits > 32 ? 1 : 32 / ElementBits;

    public abstract int RegistersOfA { get; }

    public abstract int RegistersOfB { get; }

    /// <summary>Gets how many elements of C and D a lane holds.</summary>
    public virtual int SumsOfLane => Rows * Columns / WarpLanes.Count;

    /// <summary>Gives the register of A that holds an element, its lane, and the element's place in it.</summary>
    public abstract (int Register, int Lane, int Place) PlaceInA(int row, int k);

    public abstract (int Register, int Lane, int Place) PlaceInB(int k, int column);

    /// <summary>Gives which of its lane's elements of C and D one is, and the lane.</summary>
    public abstract (int Index, int Lane) PlaceInC(int row, int column);

    public virtual (int Index, int Lane) PlaceInD(int row, int column) => PlaceInC(row, column);
}

/// <summary>Is a product with the layout of <c>mma</c> (PTX ISA 9.7.14.5).</summary>
/// <remarks>
/// Lane 4g + t holds of A the rows g and g + 8, of B the column g, and of C and D columns 2t and 2t + 1 of those rows. A register of 32 bits
/// holds neighbours along k: those from t times their number on, then, in the next registers, those four times their number further on.
/// </remarks>
internal sealed record TileShape(int Rows, int Depth, int ElementBits) : MatrixShape(Rows, 8, Depth, ElementBits)
{
    public override int RegistersOfA => Rows / 8 * RegistersOfB;

    public override int RegistersOfB => Depth / (4 * PerRegister);

    public override (int Register, int Lane, int Place) PlaceInA(int row, int k)
    {
        var (register, lane, place) = PlaceAlong(k);
        return (register * (Rows / 8) + row / 8, row % 8 * 4 + lane, place);
    }

    public override (int Register, int Lane, int Place) PlaceInB(int k, int column)
    {
        var (register, lane, place) = PlaceAlong(k);
        return (register, column * 4 + lane, place);
    }

    public override (int Index, int Lane) PlaceInC(int row, int column) => (row / 8 * 2 + column % 2, row % 8 * 4 + column / 2);

    private (int Register, int Lane, int Place) PlaceAlong(int k) =>
        (k / (4 * PerRegister), k / PerRegister % 4, k % PerRegister);
}
