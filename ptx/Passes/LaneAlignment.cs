using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Finds of which powers of two the numbers of a vector's first lane are multiples.</summary>
/// <remarks>Where both sides of a comparison are multiples of what a vector spans, its end never lies between lanes, and they all agree.</remarks>
internal static class LaneAlignment
{
    /// <summary>Is as much as is asked about.</summary>
    public const int Most = 64;

    public static int Of(ulong number) => number == 0 ? Most : (int)Math.Min(number & (~number + 1), Most);

    /// <summary>Gives the alignment of what an instruction writes, from those of its operands.</summary>
    public static int OfResult(Instruction instruction, Func<Operand, int> alignmentOf)
    {
        if (instruction.OperandTypes[0].IsReal || instruction.OperandTypes[0].Bits < 32 || instruction.Operands[0] is not RegisterOperand) return 1;
        return (instruction.Opcode, instruction.Modifiers) switch
        {
            ("mov", _) => At(1),
            ("neg", [_]) => At(1),
            ("add" or "sub", [_]) => Math.Min(At(1), At(2)),
            ("mul", ["lo" or "wide", _]) => Product(),
            ("mad", ["lo" or "wide", _]) => Math.Min(Product(), At(3)),
            ("shl", [_]) when instruction.Operands[2] is ImmediateOperand { Value.Bits: < 32 } count => Capped((long)At(1) << (int)count.Value.Bits),
            ("cvt", [_, "u32" or "s32" or "u64" or "s64"]) => At(1),
            _ => 1,
        };

        int At(int operand) => alignmentOf(instruction.Operands[operand]);

        int Product() => Capped((long)At(1) * At(2));
    }

    /// <summary>Says whether a comparison has the same outcome in all lanes of a vector.</summary>
    /// <param name="strideOf">How much a lane has more than the one before; null where lanes vary.</param>
    public static bool Agrees(Instruction test, int lanes, Func<Operand, long?> strideOf, Func<Operand, int> alignmentOf)
    {
        if (test is not { Opcode: "setp", Modifiers: [var comparison, "u32" or "s32" or "u64" or "s64"] }) return false;
        var (left, right) = (test.Operands[1], test.Operands[2]);
        return comparison switch
        {
            "lt" or "lo" or "ge" or "hs" => Aligned(left, right, 0),
            "gt" or "hi" or "le" or "ls" => Aligned(left, right, 1),
            _ => false,
        };

        // Growing numbers against a bound that they reach, or must pass by one.
        bool Aligned(Operand growing, Operand bound, ulong past) =>
            strideOf(growing) is > 0 and var stride && strideOf(bound) == 0 && stride * lanes <= Most
            && alignmentOf(growing) >= stride * lanes && AlignmentPast(bound, past) >= stride * lanes && (stride * lanes & (stride * lanes - 1)) == 0;

        int AlignmentPast(Operand bound, ulong past) => past == 0 ? alignmentOf(bound)
            : bound is ImmediateOperand { Value: { Kind: LiteralKind.Integer } number } ? Of(number.Bits + past)
            : 1;
    }

    private static int Capped(long alignment) => (int)Math.Min(alignment, Most);
}
