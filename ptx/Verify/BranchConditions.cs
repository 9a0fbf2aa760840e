using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Turns what a branch tests into sums that are not negative.</summary>
/// <remarks>What has no such form is left out: fewer conditions are weaker, not wrong.</remarks>
internal sealed class BranchConditions(SsaForm form, FindAffineValues values)
{
    private const int MaxDepth = 32;

    public List<AffineForm> Of(BasicBlock block, Branch branch, bool taken)
    {
        var found = new List<AffineForm?>();
        var negated = branch.Predicate as NegatedOperand;
        if ((negated?.Inner ?? branch.Predicate) is RegisterOperand register)
            Add(form.ReadAtEnd(block, register.Register), taken == negated is null, 0, found);
        return [.. found.OfType<AffineForm>()];
    }

    private void Add(SsaValue predicate, bool truth, int depth, List<AffineForm?> found)
    {
        if (predicate is not SsaResult { Instruction: var instruction } || depth == MaxDepth) return;
        switch (instruction.Opcode)
        {
            case "mov": AddOperand(instruction, 1, truth, depth, found); break;
            case "not": AddOperand(instruction, 1, !truth, depth, found); break;
            case "and" when truth:
            case "or" when !truth:
                AddOperand(instruction, 1, truth, depth, found);
                AddOperand(instruction, 2, truth, depth, found);
                break;
            case "setp" when instruction.Operands[0] is RegisterOperand: AddComparison(instruction, truth, depth, found); break;
        }
    }

    private void AddOperand(Instruction instruction, int operand, bool truth, int depth, List<AffineForm?> found)
    {
        var negated = instruction.Operands[operand] as NegatedOperand;
        if ((negated?.Inner ?? instruction.Operands[operand]) is RegisterOperand register)
            Add(form.ReadBy(instruction, register.Register), truth == negated is null, depth + 1, found);
    }

    private void AddComparison(Instruction instruction, bool truth, int depth, List<AffineForm?> found)
    {
        if (instruction.Operands.Count == 4)
        {
            // The comparison is joined to a third predicate.
            if (!(instruction.Has("and") && truth || instruction.Has("or") && !truth)) return;
            AddOperand(instruction, 3, truth, depth, found);
        }

        found.AddRange(Comparison(instruction, truth, operand => values.Of(instruction, instruction.Operands[operand])));
    }

    /// <summary>Gives what follows from a comparison or its opposite.</summary>
    public static IEnumerable<AffineForm?> Comparison(Instruction setp, bool truth, Func<int, AffineValue> operand)
    {
        var type = setp.OperandTypes[1];
        if (type.Class is TypeClass.Float or TypeClass.Brain) return [];
        var (left, right) = (operand(1), operand(2));
        if (left.Root != right.Root) return [];
        // Offsets into one buffer compare as their addresses do, and none of these is negative.
        if (left.Root is not null || type.Class == TypeClass.Bits) type = new ScalarType(left.Root is null ? TypeClass.Unsigned : TypeClass.Signed, type.Bits);
        var (a, b) = (AffineArithmetic.Read(left.Form, type), AffineArithmetic.Read(right.Form, type));
        return (setp.Modifiers[0], truth) switch
        {
            ("lt" or "lo", true) or ("ge" or "hs", false) => [Less(a, b), .. Unwrapped(left.Form, b, a, type, 1)],
            ("le" or "ls", true) or ("gt" or "hi", false) => [NotMore(a, b), .. Unwrapped(left.Form, b, a, type, 0)],
            ("gt" or "hi", true) or ("le" or "ls", false) => [Less(b, a)],
            ("ge" or "hs", true) or ("lt" or "lo", false) => [NotMore(b, a)],
            ("eq", true) or ("ne", false) => [NotMore(a, b), NotMore(b, a)],
            ("eq", false) or ("ne", true) => Apart(a, b),
            _ => [],
        };
    }

    private static AffineForm? NotMore(AffineForm? a, AffineForm? b) => AffineForm.Sum(b, a, -1);

    private static AffineForm? Less(AffineForm? a, AffineForm? b) => NotMore(a, b)?.Plus(-1);

    /// <summary>Reads <c>0 &lt;= a &lt; b</c> out of one unsigned comparison: a negative number would be a very large one.</summary>
    private static IEnumerable<AffineForm?> Unwrapped(AffineForm? left, AffineForm? b, AffineForm? a, ScalarType type, int less)
    {
        if (a is not null || b is null || type.IsSigned || type.Bits != 32) return [];
        var signed = AffineArithmetic.Read(left, ScalarType.S32);
        return signed is not null && b.High <= (Int128)1 << 31 ? [signed, NotMore(signed, b)?.Plus(-less)] : [];
    }

    /// <summary>Reads an inequality out of two numbers that differ, where one of them is at its end.</summary>
    private static IEnumerable<AffineForm?> Apart(AffineForm? a, AffineForm? b)
    {
        var difference = AffineForm.Sum(a, b, -1);
        if (difference?.Low == 0) return [difference.Plus(-1)];
        return difference?.High == 0 ? [difference.Times(-1)?.Plus(-1)] : [];
    }
}
