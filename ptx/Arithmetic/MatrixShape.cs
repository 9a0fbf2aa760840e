namespace Broker.Ptx.Arithmetic;

/// <summary>Is a product of small matrices that a warp computes, and how their elements lie in its registers (PTX ISA 9.7.14.5).</summary>
/// <remarks>
/// Lane 4g + t holds of A the rows g and g + 8, of B the column g, and of C and D columns 2t and 2t + 1 of those rows. A register of 32 bits
/// holds neighbours along k: those from t times their number on, then, in the next registers, those four times their number further on.
/// </remarks>
/// <param name="ElementBits">The bits of an element of A and B.</param>
internal sealed record MatrixShape(int Rows, int Depth, int ElementBits)
{
    public const int Columns = 8;

    /// <summary>Gets how many elements one register holds.</summary>
    public int PerRegister => ElementBits > 32 ? 1 : 32 / ElementBits;

    public int RegistersOfA => Rows / 8 * RegistersOfB;

    public int RegistersOfB => Depth / (4 * PerRegister);

    /// <summary>Gets the registers of C and D where each element has its own.</summary>
    public int RegistersOfC => Rows / 8 * 2;

    /// <summary>Gives the register of A that holds an element, its lane, and the element's place in it.</summary>
    public (int Register, int Lane, int Place) PlaceInA(int row, int k)
    {
        var (register, lane, place) = PlaceAlong(k);
        return (register * (Rows / 8) + row / 8, row % 8 * 4 + lane, place);
    }

    public (int Register, int Lane, int Place) PlaceInB(int k, int column)
    {
        var (register, lane, place) = PlaceAlong(k);
        return (register, column * 4 + lane, place);
    }

    public static (int Register, int Lane) PlaceInC(int row, int column) => (row / 8 * 2 + column % 2, row % 8 * 4 + column / 2);

    private (int Register, int Lane, int Place) PlaceAlong(int k) =>
        (k / (4 * PerRegister), k / PerRegister % 4, k % PerRegister);
}
