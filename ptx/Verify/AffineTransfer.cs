using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Gives the form of an instruction's result from the forms of its operands.</summary>
internal sealed class AffineTransfer(AffineArithmetic arithmetic)
{
    private static readonly string[] Harmless = ["lo", "wide", "to", "global", "const", "param", "param::entry", "shared", "shared::cta", "local"];

    /// <param name="operand">Gives the form that an operand holds, by its place.</param>
    public AffineForm? Of(Instruction instruction, Func<int, AffineForm?> operand)
    {
        if (instruction.Operands.Any(o => o is VectorOperand or PairOperand)) return null;
        if (!instruction.Modifiers.All(m => Harmless.Contains(m) || ScalarType.Find(m) is { Class: TypeClass.Unsigned or TypeClass.Signed or TypeClass.Bits })) return null;
        return instruction.Opcode switch
        {
            "mov" or "cvta" => operand(1),
            "add" => AffineForm.Sum(operand(1), operand(2)),
            "sub" => AffineForm.Sum(operand(1), operand(2), -1),
            "neg" => operand(1)?.Times(-1),
            "mul" => Multiply(instruction, operand),
            "mad" => AffineForm.Sum(Multiply(instruction, operand), operand(3)),
            "shl" => operand(2) is { IsConstant: true, Constant: >= 0 and < 60 } bits ? operand(1)?.Times((Int128)1 << (int)bits.Constant) : null,
            "shr" => operand(2) is { IsConstant: true, Constant: >= 0 and < 31 } bits ? arithmetic.Quotient(Number(instruction, operand, 1), (Int128)1 << (int)bits.Constant) : null,
            "and" => arithmetic.And(operand(1), operand(2), instruction.Type) ?? arithmetic.And(operand(2), operand(1), instruction.Type),
            "or" => AffineArithmetic.Or(Number(instruction, operand, 1), Number(instruction, operand, 2)),
            "div" => Divide(instruction, operand, arithmetic.Quotient),
            "rem" => Divide(instruction, operand, arithmetic.Remainder),
            "min" or "max" => arithmetic.Extreme(Number(instruction, operand, 1), Number(instruction, operand, 2), instruction.Opcode == "min"),
            "cvt" => Convert(instruction, operand),
            _ => null,
        };
    }

    private static AffineForm? Multiply(Instruction instruction, Func<int, AffineForm?> operand)
    {
        if (instruction.Has("lo")) return AffineArithmetic.Product(operand(1), operand(2));
        return instruction.Has("wide") ? AffineArithmetic.Product(Number(instruction, operand, 1), Number(instruction, operand, 2)) : null;
    }

    private static AffineForm? Divide(Instruction instruction, Func<int, AffineForm?> operand, Func<AffineForm?, Int128, AffineForm?> divide)
    {
        var (dividend, divisor) = (Number(instruction, operand, 1), Number(instruction, operand, 2));
        // Towards zero and towards minus infinity are the same where nothing is negative.
        return dividend?.Low >= 0 && divisor is { IsConstant: true } ? divide(dividend, divisor.Constant) : null;
    }

    private static AffineForm? Convert(Instruction instruction, Func<int, AffineForm?> operand)
    {
        var (to, from) = (instruction.TypeAt(0), instruction.TypeAt(1));
        var shortens = to.Bits <= from.Bits && instruction.Operands[0] is RegisterOperand { Register.Type.Bits: var held } && held == to.Bits;
        return shortens ? operand(1) : AffineArithmetic.Read(AffineArithmetic.Read(operand(1), from), to);
    }

    /// <summary>Reads an operand as a number; bits are unsigned.</summary>
    private static AffineForm? Number(Instruction instruction, Func<int, AffineForm?> operand, int index)
    {
        var type = instruction.Type;
        return AffineArithmetic.Read(operand(index), type.Class == TypeClass.Bits ? new ScalarType(TypeClass.Unsigned, type.Bits) : type);
    }
}
