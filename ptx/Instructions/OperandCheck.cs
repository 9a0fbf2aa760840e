using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Holds an operand against the shape that a form gives its place.</summary>
internal static class OperandCheck
{
    public static PtxError? Find(Instruction instruction, OperandShape shape, ScalarType type, Operand operand) => shape.Role switch
    {
        OperandRole.Destination or OperandRole.Source when operand is VectorOperand vector => FindVector(instruction, shape, type, vector),
        OperandRole.Destination or OperandRole.Source when operand is not SinkOperand && WantsVector(instruction, shape) => Wrong(instruction, "wants a vector"),
        OperandRole.Destination => FindDestination(instruction, shape, type, operand),
        OperandRole.Source or OperandRole.Exchanged or OperandRole.Lane or OperandRole.Clamp or OperandRole.Mask
            or OperandRole.Barrier or OperandRole.ThreadCount or OperandRole.Policy => FindSource(instruction, shape, type, operand),
        OperandRole.Fragment or OperandRole.FragmentResult => FindFragment(instruction, shape, type, operand),
        OperandRole.DestinationPair => FindDestinationPair(instruction, shape, type, operand),
        OperandRole.Memory => AddressCheck.Find(instruction, shape.Space ?? MemoryAccess.SpaceOf(instruction), operand),
        OperandRole.Predicate => IsPredicate(operand is NegatedOperand negated ? negated.Inner : operand)
            ? null
            : Wrong(instruction, "wants a predicate"),
        OperandRole.PredicateOut => FindPredicateOut(instruction, operand),
        OperandRole.Target or OperandRole.TargetList => operand is LabelOperand ? null : Wrong(instruction, "wants a label"),
        OperandRole.Number => FindNumber(instruction, shape, operand),
        OperandRole.Arguments => FindArguments(instruction, operand),
        _ => operand is FunctionOperand or RegisterOperand { Register.Type: { IsReal: false, Bits: 64 } } ? null : Wrong(instruction, "wants a function or a pointer to one"),
    };

    private static PtxError? FindVector(Instruction instruction, OperandShape shape, ScalarType type, VectorOperand vector)
    {
        if (shape.Elements == VectorRule.None) return Wrong(instruction, "takes no vector here");
        var count = vector.Elements.Count;
        var wanted = shape.Elements == VectorRule.Packed ? count : MemoryAccess.ElementsOf(instruction);
        if (count != wanted || count is not (2 or 4 or 8) || count == 8 && shape.Elements == VectorRule.Packed) return Wrong(instruction, $"has a vector of {count}");
        if (shape.Elements == VectorRule.Packed)
        {
            type = new ScalarType(TypeClass.Bits, type.Bits / count);
            if (type.Bits < 8 || type.Bits == 32 && count == 4) return Wrong(instruction, $"has a vector of {count}");
        }

        foreach (var element in vector.Elements)
        {
            if (element is SinkOperand && shape.Writes) continue;
            var error = shape.Writes ? FindDestination(instruction, shape, type, element) : FindSource(instruction, shape, type, element);
            if (error is not null) return error;
        }

        return null;
    }

    private static PtxError? FindDestination(Instruction instruction, OperandShape shape, ScalarType type, Operand operand) => operand switch
    {
        RegisterOperand register => FindWidth(instruction, shape, type, register.Register),
        SinkOperand when instruction.Opcode is "atom" or "mbarrier" => null,
        _ => Wrong(instruction, "wants a register for its result"),
    };

    private static PtxError? FindDestinationPair(Instruction instruction, OperandShape shape, ScalarType type, Operand operand)
    {
        var pair = operand as PairOperand;
        if (pair is not null && !IsPredicate(pair.Second) && pair.Second is not SinkOperand) return Wrong(instruction, "wants a predicate for its second result");
        return pair?.First is SinkOperand ? null : FindDestination(instruction, shape, type, pair?.First ?? operand);
    }

    private static PtxError? FindFragment(Instruction instruction, OperandShape shape, ScalarType type, Operand operand)
    {
        var registers = operand is VectorOperand vector ? vector.Elements : [operand];
        if (registers.Count != shape.Count) return Wrong(instruction, $"has {registers.Count} registers where it wants {shape.Count}");
        return registers
            .Select(r => shape.Writes ? FindDestination(instruction, shape, type, r) : FindSource(instruction, shape, type, r))
            .FirstOrDefault(error => error is not null);
    }

    private static PtxError? FindSource(Instruction instruction, OperandShape shape, ScalarType type, Operand operand) => operand switch
    {
        RegisterOperand register => FindWidth(instruction, shape, type, register.Register),
        ImmediateOperand immediate => FindImmediate(instruction, type, immediate.Value),
        SpecialOperand special when !SpecialRegisters.IsHeld(special.Name) =>
            InstructionTable.NotSupported(instruction, $"the special register {special.Name}"),
        SpecialOperand special => FindSpecialWidth(instruction, shape, type, special),
        SymbolOperand symbol => type.IsReal || type.Bits < 32 ? Wrong(instruction, "cannot take an address") : AddressCheck.FindSymbol(instruction, symbol),
        FunctionOperand when type is { IsReal: false, Bits: 64 } => null,
        LabelOperand label => Wrong(instruction, $"cannot take the label '{label.Label}'"),
        _ => Wrong(instruction, "has an operand of a wrong kind"),
    };

    // Before PTX 2.0 positions and sizes had 16 bits, and such moves are still right (PTX ISA 10.1 to 10.7).
    private static PtxError? FindSpecialWidth(Instruction instruction, OperandShape shape, ScalarType type, SpecialOperand special)
    {
        if (special.Name == "%is_explicit_cluster")
            return type == ScalarType.Predicate ? null : Wrong(instruction, "reads a special register that is a predicate");
        if (SpecialRegisters.IsWide(special.Name))
        {
            // Before PTX 3.0 the number of the grid had 32 bits.
            if (type is { Bits: 64, IsReal: false } || special.Name == "%gridid" && type is { Bits: 32, IsReal: false }) return null;
            return Wrong(instruction, "reads a special register of 64 bits");
        }

        if (type.Bits == 32 && !type.IsReal || shape.Wider) return null;
        if (type is { Bits: 16, Class: not (TypeClass.Float or TypeClass.Brain) } && special.Name.Contains('.', StringComparison.Ordinal)) return null;
        return Wrong(instruction, "reads a special register of 32 bits");
    }

    // A form that takes a vector by .v2, .v4 or .v8 takes nothing else there.
    private static bool WantsVector(Instruction instruction, OperandShape shape) =>
        shape.Elements == VectorRule.Each && MemoryAccess.ElementsOf(instruction) > 1;

    private static PtxError? FindWidth(Instruction instruction, OperandShape shape, ScalarType type, Register register)
    {
        var held = register.Type;
        if ((held == ScalarType.Predicate) != (type == ScalarType.Predicate))
            return Wrong(instruction, $"cannot take {register}, which is .{held}");
        if (held.Bits == type.Bits || shape.Wider && held.Bits > type.Bits && held.Bits <= 64 && !held.IsReal && !type.IsReal) return null;
        return Wrong(instruction, $"wants {type.Bits} bits where {register} has {held.Bits}");
    }

    private static PtxError? FindImmediate(Instruction instruction, ScalarType type, Literal literal)
    {
        var fits = literal.Kind switch
        {
            LiteralKind.Integer => !type.IsReal && type is not { Class: TypeClass.Float or TypeClass.Brain },
            LiteralKind.Single => type.IsReal || type is { Class: TypeClass.Bits, Bits: 32 },
            _ => type.IsReal || type is { Class: TypeClass.Bits, Bits: 64 },
        };
        return fits ? null : Wrong(instruction, $"cannot take this number as .{type}");
    }

    private static PtxError? FindPredicateOut(Instruction instruction, Operand operand)
    {
        var fits = operand is PairOperand pair
            ? (IsPredicate(pair.First) || pair.First is SinkOperand) && (IsPredicate(pair.Second) || pair.Second is SinkOperand)
            : IsPredicate(operand);
        return fits ? null : Wrong(instruction, "wants a predicate for its result");
    }

    private static PtxError? FindNumber(Instruction instruction, OperandShape shape, Operand operand) => operand switch
    {
        ImmediateOperand { Value: { Kind: LiteralKind.Integer, Bits: var number } } => shape.Allows(number) ? null : Wrong(instruction, $"cannot take the number {number}"),
        RegisterOperand => InstructionTable.NotSupported(instruction, $"{instruction.Name} with a register in place of a number"),
        _ => Wrong(instruction, "wants a number"),
    };

    private static PtxError? FindArguments(Instruction instruction, Operand operand)
    {
        if (operand is not ListOperand list) return Wrong(instruction, "wants a list in parentheses");
        return list.Elements.All(e => e is SymbolOperand { Variable.Space: StateSpace.Parameter, Offset: 0 } or RegisterOperand or ImmediateOperand or SinkOperand)
            ? null
            : InstructionTable.NotSupported(instruction, "calls whose arguments are not .param variables, registers or numbers");
    }

    private static bool IsPredicate(Operand operand) => operand is RegisterOperand { Register.Type.Class: TypeClass.Predicate };

    private static PtxError Wrong(Instruction instruction, string message) => InstructionTable.Malformed(instruction, message);
}
