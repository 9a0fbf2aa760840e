namespace Broker.Ptx.Arithmetic;

/// <summary>Is how the halves of matrices of 8 x 8 go between lanes that hold rows and lanes that hold parts (PTX ISA 9.7.14.5.15).</summary>
/// <remarks>
/// Lane 4i + j holds the halves 2j and 2j + 1 of row i in one register, for each of up to four matrices. Row i of matrix m in one piece is
/// in four registers of lane 8m + i.
/// </remarks>
internal static class TransferMath
{
    public const int Rows = 8;

    private const int WordsOfRow = 4;

    public static void DealRows(WarpLanes lanes, int matrices) =>
        Give(lanes, matrices, (matrix, lane) => (matrix * Rows + lane / WordsOfRow, lane % WordsOfRow));

    public static void DealColumns(WarpLanes lanes, int matrices) =>
        GiveHalves(lanes, matrices, (matrix, lane, half) =>
        {
            var (row, column) = (2 * (lane % WordsOfRow) + half, lane / WordsOfRow);
            return (matrix * Rows + row, column / 2, column % 2);
        });

    public static void CollectRows(WarpLanes lanes, int matrices) =>
        Give(lanes, WordsOfRow, (word, lane) => lane / Rows < matrices ? (lane % Rows * WordsOfRow + word, lane / Rows) : null);

    public static void CollectColumns(WarpLanes lanes, int matrices) =>
        GiveHalves(lanes, WordsOfRow, (word, lane, half) => lane / Rows < matrices ? PartOf(2 * word + half, lane % Rows, lane / Rows) : null);

    /// <summary>Gives each lane its part of the transpose.</summary>
    public static void Transpose(WarpLanes lanes) =>
        GiveHalves(lanes, 1, (_, lane, half) => PartOf(2 * (lane % WordsOfRow) + half, lane / WordsOfRow, 0));

    private static (int Lane, int Register, int Half)? PartOf(int row, int column, int matrix) => (row * WordsOfRow + column / 2, matrix, column % 2);

    private static void Give(WarpLanes lanes, int registers, Func<int, int, (int Lane, int Register)?> source) =>
        GiveHalves(lanes, registers, (register, lane, half) => source(register, lane) is { } from ? (from.Lane, from.Register, half) : null);

    /// <summary>Gives each lane the halves of registers of others; what none has is zero.</summary>
    private static void GiveHalves(WarpLanes lanes, int registers, Func<int, int, int, (int Lane, int Register, int Half)?> source)
    {
        // Results lie where the sources do.
        Span<int> results = stackalloc int[WordsOfRow * WarpLanes.Count];
        for (var register = 0; register < registers; register++)
            for (var lane = 0; lane < WarpLanes.Count; lane++)
                for (var half = 0; half < 2; half++)
                    if (source(register, lane, half) is { } from)
                        results[register * WarpLanes.Count + lane] |= (lanes.Fragment(from.Register, from.Lane) >>> (16 * from.Half) & 0xffff) << (16 * half);
        for (var register = 0; register < registers; register++)
            for (var lane = 0; lane < WarpLanes.Count; lane++)
                lanes.GiveFragment(register, lane, results[register * WarpLanes.Count + lane]);
    }
}
