using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Lays out the initial values of a variable (PTX ISA 5.4.4).</summary>
internal static class InitialValues
{
    public static IReadOnlyList<InitialValue> Of(Variable variable, IReadOnlyDictionary<Variable, ulong> addresses, FunctionAddresses functions)
    {
        var values = new List<InitialValue>();
        if (variable.Initialiser is not { } initialiser) return values;
        var lengths = variable.VectorWidth > 1 ? variable.Dimensions.Append(variable.VectorWidth) : variable.Dimensions;
        Append(initialiser, 0, [.. lengths]);
        return values;

        void Append(Initialiser item, long offset, ReadOnlySpan<long> dimensions)
        {
            if (item is not InitialiserList list)
            {
                if (dimensions.Length > 0) throw Malformed(variable, "has a number in the place of a list");
                values.Add(new InitialValue(offset, variable.Type.Bytes, Bits(item)));
                return;
            }

            if (dimensions.Length == 0 || list.Items.Count > dimensions[0]) throw Malformed(variable, "has more initial values than places");
            long stride = variable.Type.Bytes;
            foreach (var length in dimensions[1..]) stride *= length;
            for (var i = 0; i < list.Items.Count; i++) Append(list.Items[i], offset + i * stride, dimensions[1..]);
        }

        ulong Bits(Initialiser item) => item switch
        {
            InitialiserFunction function when variable.Type.Bits == 64 && functions.Find(function.Name) is { } address => address,
            InitialiserValue { Value: var literal } => BitsOfLiteral(literal),
            InitialiserSymbol symbol when variable.Type.Bits == 64 && addresses.TryGetValue(symbol.Variable, out var address) =>
                address + (ulong)symbol.Offset,
            InitialiserSymbol { Variable: { IsExtern: true } other } => throw NotSupported(variable, $"'{other.Name}', which another module defines"),
            _ => throw Malformed(variable, "cannot start as this address"),
        };

        ulong BitsOfLiteral(Literal literal) => (literal.Kind, variable.Type.IsReal, variable.Type.Bits) switch
        {
            (LiteralKind.Integer, false, _) => literal.Bits,
            (LiteralKind.Single, _, 32) => literal.Bits,
            (LiteralKind.Double, _, 64) => literal.Bits,
            (LiteralKind.Double, true, 32) => BitConverter.SingleToUInt32Bits((float)BitConverter.UInt64BitsToDouble(literal.Bits)),
            (LiteralKind.Single, true, 64) => BitConverter.DoubleToUInt64Bits(BitConverter.UInt32BitsToSingle((uint)literal.Bits)),
            _ => throw Malformed(variable, "cannot start as this number"),
        };
    }

    private static PtxException NotSupported(Variable variable, string message) =>
        new(new PtxError(PtxErrorKind.NotSupported, variable.Line, variable.Column, message));

    private static PtxException Malformed(Variable variable, string message) =>
        new(new PtxError(PtxErrorKind.Malformed, variable.Line, variable.Column, $"'{variable.Name}' {message}"));
}
