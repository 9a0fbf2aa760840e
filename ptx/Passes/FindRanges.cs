using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is the numbers that are known of a launch before it starts.</summary>
/// <param name="Lanes">How many threads run side by side: a last vector may have lanes without a thread, and they count on.</param>
internal sealed record LaunchNumbers(Dim3 Grid, Dim3 Block, ReadOnlyMemory<byte> Parameters, int Lanes)
{
    public ValueRange? Of(string special) => special switch
    {
        "%tid.x" => ValueRange.Between(0, (Block.X + Lanes - 1) / Lanes * Lanes - 1),
        "%tid.y" => ValueRange.Between(0, Block.Y - 1),
        "%tid.z" => ValueRange.Between(0, Block.Z - 1),
        "%ntid.x" => ValueRange.Of(Block.X),
        "%ntid.y" => ValueRange.Of(Block.Y),
        "%ntid.z" => ValueRange.Of(Block.Z),
        "%ctaid.x" => ValueRange.Between(0, Grid.X - 1),
        "%ctaid.y" => ValueRange.Between(0, Grid.Y - 1),
        "%ctaid.z" => ValueRange.Between(0, Grid.Z - 1),
        "%nctaid.x" => ValueRange.Of(Grid.X),
        "%nctaid.y" => ValueRange.Of(Grid.Y),
        "%nctaid.z" => ValueRange.Of(Grid.Z),
        "%laneid" => ValueRange.Between(0, 31),
        "%warpid" => ValueRange.Between(0, 31),
        _ => null,
    };
}

/// <summary>Finds between which numbers the values of a launch stay: enough to see that no lane of a vector wraps, and which way branches go.</summary>
/// <remarks>
/// Values grow from what is known at the start until they stay as they are; those of loops that grow on and on are let go
/// to the bounds of their type first, and then computed once more from these. A branch on the way to a block bounds what it compared.
/// </remarks>
internal sealed class FindRanges
{
    // Of the lanes of a vector one may have met the branch and others not; strides are not longer than this, or nothing is claimed.
    public const long MaxStride = 1 << 16;

    private const int FreeRounds = 3;
    private const int MaxRounds = 40;
    private const int ShrinkingRounds = 2;
    private const int MaxConditionDepth = 16;

    private static readonly long[] Ceilings = [int.MaxValue, uint.MaxValue];

    private readonly SsaForm _form;
    private readonly KernelPlan _plan;
    private readonly LaunchNumbers _launch;
    private readonly Dictionary<SsaValue, ValueRange> _ranges = [];

    private readonly List<(BasicBlock Block, IReadOnlyCollection<SsaPhi> Phis, List<SsaResult> Results)> _followed = [];

    private FindRanges(SsaForm form, KernelPlan plan, LaunchNumbers launch)
    {
        (_form, _plan, _launch) = (form, plan, launch);
        foreach (var block in form.Graph.Blocks)
        {
            var results = block.Instructions
                .SelectMany(i => Registers.WrittenBy(i).Where(r => r.Type != ScalarType.Predicate).Select(r => form.ResultOf(i, r)))
                .ToLookup(result => IsFollowed(result.Instruction));
            _followed.Add((block, form.PhisOf(block), [.. results[true]]));
            foreach (var result in results[false]) _ranges[result] = Result(block, result.Instruction) ?? ValueRange.All;
        }
    }

    public static FindRanges Run(SsaForm form, KernelPlan plan, LaunchNumbers launch)
    {
        var pass = new FindRanges(form, plan, launch);
        for (var round = 0; pass.Grow(round); round++)
        {
            if (round < MaxRounds) continue;
            pass._ranges.Clear();
            return pass;
        }

        for (var round = 0; round < ShrinkingRounds; round++) pass.Shrink();
        return pass;
    }

    /// <summary>Says whether an operand of 32 bits is, in all lanes, the number that its bits are taken for.</summary>
    public bool StaysInRange(BasicBlock block, Instruction instruction, int operand, bool signed) =>
        OfOperand(block, instruction, instruction.Operands[operand]) is { } range && range.IsWithin(signed ? ValueRange.Signed32 : ValueRange.Unsigned32);

    /// <summary>Says which way a branch goes in every thread that comes to it; null where that is not known.</summary>
    public bool? OutcomeOf(BasicBlock block, Branch branch) => branch.Predicate switch
    {
        NegatedOperand { Inner: RegisterOperand register } => !OutcomeOf(_form.ReadAtEnd(block, register.Register), 0),
        RegisterOperand register => OutcomeOf(_form.ReadAtEnd(block, register.Register), 0),
        _ => null,
    };

    private bool Grow(int round)
    {
        var changed = false;
        ForEachValue((value, range) => changed |= Note(value, range, round));
        return changed;
    }

    /// <summary>Computes values once more from those that all are within their ranges.</summary>
    private void Shrink() => ForEachValue((value, range) =>
    {
        if (range.IsWithin(_ranges[value])) _ranges[value] = range;
    });

    private void ForEachValue(Action<SsaValue, ValueRange> take)
    {
        foreach (var (block, phis, results) in _followed)
        {
            foreach (var phi in phis)
            {
                ValueRange? joined = null;
                foreach (var (from, value) in phi.Inputs)
                    if (OnEdge(value, from, block) is { } range)
                        joined = joined?.Join(range) ?? range;
                if (joined is { } all) take(phi, all);
            }

            foreach (var result in results)
                if (Result(block, result.Instruction) is { } range)
                    take(result, range);
        }
    }

    /// <summary>Says whether a result depends on what the operands are; others have the range of their type.</summary>
    private static bool IsFollowed(Instruction instruction) =>
        instruction.OperandTypes[0] is { IsReal: false, Bits: >= 32 }
        && instruction.Opcode is "mov" or "neg" or "add" or "sub" or "mul" or "mad" or "shl" or "cvt" or "and" or "shr" or "div" or "rem" or "selp" or "min";

    private bool Note(SsaValue value, ValueRange range, int round)
    {
        if (!_ranges.TryGetValue(value, out var before))
        {
            _ranges[value] = range;
            return true;
        }

        var after = before.Join(range);
        if (after == before) return false;
        // What still grows is let go to the next bound of its type, so that this ends.
        if (round >= FreeRounds && value is SsaPhi)
        {
            if (after.Low < before.Low) after = after.From(after.Low >= int.MinValue ? int.MinValue : ValueRange.All.Low);
            if (after.High > before.High) after = after.To(Ceilings.Where(c => c >= after.High).DefaultIfEmpty(ValueRange.All.High).First());
        }

        _ranges[value] = after;
        return true;
    }

    /// <summary>Gives the range of a result, or null where what it is made from is not known yet.</summary>
    private ValueRange? Result(BasicBlock block, Instruction instruction)
    {
        var type = instruction.OperandTypes[0];
        if (type.IsReal || type.Bits < 32 || instruction.Operands[0] is not RegisterOperand) return ValueRange.All;
        // What grows from lane to lane must be followed exactly: of its bits alone it is not known where they wrap.
        return (instruction.Opcode, instruction.Modifiers) switch
        {
            ("mov", _) => Of(1),
            ("neg", [_]) => ValueRange.Of(0) - Of(1),
            ("cvta", _) => ValueRange.All,
            ("add", [_]) => Of(1) + Of(2),
            ("sub", [_]) => Of(1) - Of(2),
            ("mul", ["lo", _]) => Of(1) * Of(2),
            ("mad", ["lo", _]) => Of(1) * Of(2) + Of(3),
            ("shl", [_]) when instruction.Operands[2] is ImmediateOperand { Value.Bits: < 32 } count => Of(1) * ValueRange.Of(1L << (int)count.Value.Bits),
            ("mul", ["wide", "u32" or "s32"]) => Bits(1) * Bits(2),
            ("mad", ["wide", "u32" or "s32"]) => Bits(1) * Bits(2) + Of(3),
            ("cvt", [_, "u32" or "s32"]) when type.Bits == 64 => Bits(1),
            ("cvt", [_, "u32" or "s32" or "u64" or "s64"]) when instruction.OperandTypes[1].Bits >= type.Bits => Of(1),
            ("and", _) when instruction.Operands[2] is ImmediateOperand mask && (long)mask.Value.Bits is >= 0 and <= int.MaxValue and var most => ValueRange.Between(0, most),
            ("shr", ["u32"]) when instruction.Operands[2] is ImmediateOperand { Value.Bits: < 32 } count => Each(1, number => number >> (int)count.Value.Bits),
            ("div", ["u32"]) when instruction.Operands[2] is ImmediateOperand { Value.Bits: > 0 and <= int.MaxValue } divisor => Each(1, number => number / (long)divisor.Value.Bits),
            ("rem", ["u32"]) when instruction.Operands[2] is ImmediateOperand { Value.Bits: > 0 and <= int.MaxValue } divisor => ValueRange.Between(0, (long)divisor.Value.Bits - 1),
            ("selp", _) => Of(1) is { } first && Of(2) is { } second ? first.Join(second) : null,
            ("min", ["u32" or "s32"]) => Bits(1) is { } a && Bits(2) is { } b ? ValueRange.Between(Math.Min(a.Low, b.Low), Math.Min(a.High, b.High)) : null,
            ("ld", _) => OfParameter(instruction),
            _ => BitsOf(type),
        };

        ValueRange? Of(int operand) => OfOperand(block, instruction, instruction.Operands[operand]);

        ValueRange? Each(int operand, Func<long, long> rising) => Bits(operand) is { } range ? ValueRange.Between(rising(range.Low), rising(range.High)) : null;

        ValueRange? Bits(int operand) => Of(operand) is not { } range ? null
            : range.IsWithin(BitsOf(instruction.OperandTypes[operand])) ? range : BitsOf(instruction.OperandTypes[operand]);
    }

    private static ValueRange BitsOf(ScalarType type) => type.Bits > 32 ? ValueRange.All : type.IsSigned ? ValueRange.Signed32 : ValueRange.Unsigned32;

    private ValueRange OfParameter(Instruction instruction)
    {
        var type = instruction.OperandTypes[0];
        if (type.Bits != 32 || ParameterLoads.PlaceOf(instruction, _plan) is null) return BitsOf(type);
        var bits = (uint)ParameterLoads.Read(instruction, _plan, _launch.Parameters.Span);
        return ValueRange.Of(type.IsSigned ? (int)bits : bits);
    }

    private ValueRange? OfOperand(BasicBlock block, Instruction instruction, Operand operand) => operand switch
    {
        ImmediateOperand { Value.Kind: LiteralKind.Integer } number => ValueRange.Of(instruction.Type.Bits == 32 ? (int)number.Value.Bits : (long)number.Value.Bits),
        SpecialOperand special => _launch.Of(special.Name) ?? ValueRange.Unsigned32,
        RegisterOperand register => At(_form.ReadBy(instruction, register.Register), block),
        _ => ValueRange.All,
    };

    /// <summary>Gives the range of a value in a block, with what the branches on the way there say of it.</summary>
    private ValueRange? At(SsaValue value, BasicBlock block)
    {
        if (value is SsaInitial) return ValueRange.Of(0);
        if (!_ranges.TryGetValue(value, out var range)) return null;
        if (value.Register.Type.Bits != 32) return range;
        var number = _form.Graph.NumberOf(block);
        while (number != 0)
        {
            var over = _form.Graph.ImmediateDominators[number];
            if (_form.Graph.Predecessors[number].Count == 1) range = Bounded(range, value, _form.Graph.Blocks[over], _form.Graph.Blocks[number]);
            number = over;
        }

        return range;
    }

    /// <summary>Gives the range of a value where one block goes on to another.</summary>
    private ValueRange? OnEdge(SsaValue value, BasicBlock from, BasicBlock to) =>
        At(value, from) is { } range && value.Register.Type.Bits == 32 ? Bounded(range, value, from, to) : At(value, from);

    private ValueRange Bounded(ValueRange range, SsaValue value, BasicBlock from, BasicBlock to) =>
        from.End is Branch branch && branch.Taken != branch.Otherwise ? Bounded(range, value, from, branch.Predicate, branch.Taken == to) : range;

    private ValueRange Bounded(ValueRange range, SsaValue value, BasicBlock block, Operand predicate, bool holds)
    {
        if (predicate is NegatedOperand negated) return Bounded(range, value, block, negated.Inner, !holds);
        if (predicate is not RegisterOperand register || _form.ReadAtEnd(block, register.Register) is not SsaResult result) return range;
        return Bounded(range, value, result, holds, 0);
    }

    private ValueRange Bounded(ValueRange range, SsaValue value, SsaResult condition, bool holds, int depth)
    {
        var test = condition.Instruction;
        if (test.Opcode is "and" && holds || test.Opcode is "or" && !holds)
        {
            if (depth == MaxConditionDepth) return range;
            foreach (var part in test.Operands.Skip(1).OfType<RegisterOperand>())
                if (_form.ReadBy(test, part.Register) is SsaResult inner)
                    range = Bounded(range, value, inner, holds, depth + 1);
            return range;
        }

        if (test is not { Opcode: "setp", Modifiers: [var comparison, "u32" or "s32"] } || test.Operands[0] is not RegisterOperand) return range;
        var bits = BitsOf(test.OperandTypes[1]);
        if (test.Operands[1] is not RegisterOperand left || _form.ReadBy(test, left.Register) != value) return range;
        if (OfOperand(condition.Block, test, test.Operands[2]) is not { } other || !other.IsWithin(bits) || !range.IsWithin(bits)) return range;
        // Other lanes of the vector may have met the branch where this one has not.
        var slack = MaxStride * (_launch.Lanes - 1);
        return (comparison, holds) switch
        {
            ("lt" or "lo", true) or ("ge" or "hs", false) => range.Below(other.High - 1 + slack),
            ("le" or "ls", true) or ("gt" or "hi", false) => range.Below(other.High + slack),
            ("gt" or "hi", true) or ("le" or "ls", false) => range.Above(other.Low + 1 - slack),
            ("ge" or "hs", true) or ("lt" or "lo", false) => range.Above(other.Low - slack),
            _ => range,
        };
    }

    private bool? OutcomeOf(SsaValue predicate, int depth)
    {
        if (depth == MaxConditionDepth || predicate is not SsaResult { Instruction: var test, Block: var block } || test.Operands[0] is not RegisterOperand) return null;
        return (test.Opcode, test.Modifiers) switch
        {
            ("and", ["pred"]) => Of(1) is false || Of(2) is false ? false : Of(1) is true && Of(2) is true ? true : null,
            ("or", ["pred"]) => Of(1) is true || Of(2) is true ? true : Of(1) is false && Of(2) is false ? false : null,
            ("not", ["pred"]) => !Of(1),
            ("setp", [var comparison, "u32" or "s32"]) => OutcomeOf(block, test, comparison),
            _ => null,
        };

        bool? Of(int operand) => test.Operands[operand] is RegisterOperand register ? OutcomeOf(_form.ReadBy(test, register.Register), depth + 1) : null;
    }

    private bool? OutcomeOf(BasicBlock block, Instruction test, string comparison)
    {
        var bits = BitsOf(test.OperandTypes[1]);
        if (OfOperand(block, test, test.Operands[1]) is not { } a || OfOperand(block, test, test.Operands[2]) is not { } b) return null;
        if (!a.IsWithin(bits) || !b.IsWithin(bits)) return null;
        return comparison switch
        {
            "lt" or "lo" => IsLess(a, b),
            "ge" or "hs" => !IsLess(a, b),
            "gt" or "hi" => IsLess(b, a),
            "le" or "ls" => !IsLess(b, a),
            _ => null,
        };

        static bool? IsLess(ValueRange a, ValueRange b) => a.High < b.Low ? true : a.Low >= b.High ? false : null;
    }
}
