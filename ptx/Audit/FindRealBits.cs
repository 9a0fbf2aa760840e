using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Audit;

/// <summary>Says what kinds of computed floating-point numbers bits may be. A NaN among them has no payload that all machines share.</summary>
[Flags]
internal enum RealBits : byte { None = 0, F32 = 2, F64 = 4, Half = 8 }

/// <summary>Finds which registers and memory may hold results of floating-point arithmetic, however they were copied since.</summary>
/// <remarks>A register has what any of its definitions gives it, and each memory of a block has what any store puts there.</remarks>
internal sealed class FindRealBits
{
    private readonly Dictionary<Register, RealBits> _registers = [];
    private readonly Dictionary<StateSpace, RealBits> _memory = [];
    private readonly KernelPlan _plan;
    private bool _changed;

    private FindRealBits(KernelPlan plan) => _plan = plan;

    public static FindRealBits Run(KernelPlan plan)
    {
        var found = new FindRealBits(plan);
        do
        {
            found._changed = false;
            foreach (var instruction in plan.Blocks.SelectMany(b => b.Instructions)) found.Visit(instruction);
        }
        while (found._changed);

        return found;
    }

    public RealBits Of(Operand operand) => Registers.In(operand).Aggregate(RealBits.None, (bits, r) => bits | _registers.GetValueOrDefault(r));

    /// <summary>Gets what a store, or an atomic, leaves in memory.</summary>
    public RealBits WrittenBy(Instruction instruction) =>
        instruction.Opcode == "st" ? Of(instruction.Operands[1]) : KindOf(instruction.Type) | instruction.Operands.Skip(1).Aggregate(RealBits.None, (bits, o) => bits | Of(o));

    /// <summary>Gets the registers whose bits an instruction looks at as bits.</summary>
    public IEnumerable<Register> ObservedBy(Instruction instruction)
    {
        if (instruction.Has(Traits.Copies) || instruction.Modifiers.Any(m => m is "f16" or "f16x2" or "bf16" or "bf16x2")) yield break;
        for (var i = 0; i < instruction.Operands.Count; i++)
        {
            if (instruction.Form!.Shapes[i].Writes || instruction.OperandTypes[i].Class is TypeClass.Float or TypeClass.Brain) continue;
            // A shuffle hands on what it is given.
            if (instruction.Opcode == "shfl" && instruction.Form.Shapes[i].Role == OperandRole.Exchanged) continue;
            foreach (var register in Registers.In(instruction.Operands[i]))
                if (_registers.ContainsKey(register))
                    yield return register;
        }
    }

    private void Visit(Instruction instruction)
    {
        var stores = _plan.Groups.TryGetValue(instruction, out var group) && MemoryAccess.Of(instruction).Writes;
        if (stores) Join(_memory, SpaceOf(instruction, group!), WrittenBy(instruction));
        for (var i = 0; i < instruction.Operands.Count; i++)
        {
            if (!instruction.Form!.Shapes[i].Writes) continue;
            var kind = ResultOf(instruction, i, group);
            foreach (var register in Registers.In(instruction.Operands[i]).Where(r => r.Type != ScalarType.Predicate)) Join(_registers, register, kind);
        }
    }

    private RealBits ResultOf(Instruction instruction, int result, AccessGroup? group)
    {
        if (group is not null) return Held(SpaceOf(instruction, group));
        // Sums of integers are numbers of their own, and rows come from memory; what another collective gives, any thread may have brought.
        if (instruction.Has(Traits.TakesResult) && instruction.Opcode == "mma" && instruction.Has("s32")) return RealBits.None;
        if (instruction.Has(Traits.TakesResult) && instruction.Opcode == "ldmatrix") return Held(MemoryAccess.SpaceOf(instruction));
        if (instruction.Has(Traits.TakesResult)) return _registers.Values.Aggregate(RealBits.None, (all, bits) => all | bits);
        if (instruction.Has(Traits.Copies)) return instruction.Operands.Skip(1).Aggregate(RealBits.None, (bits, o) => bits | Of(o));
        var half = instruction.Modifiers.Any(m => m is "f16" or "f16x2" or "bf16" or "bf16x2") ? RealBits.Half : RealBits.None;
        return KindOf(instruction.OperandTypes[result]) | (instruction.OperandTypes[result].Class is TypeClass.Signed or TypeClass.Unsigned ? RealBits.None : half);
    }

    private static RealBits KindOf(ScalarType type) => (type.Class, type.Bits) switch
    {
        (TypeClass.Float, 32) => RealBits.F32,
        (TypeClass.Float, 64) => RealBits.F64,
        (TypeClass.Float or TypeClass.Brain, _) => RealBits.Half,
        _ => RealBits.None,
    };

    // A generic address may be of any space.
    private RealBits Held(StateSpace space) => space == StateSpace.Generic
        ? _memory.Values.Aggregate(RealBits.None, (all, bits) => all | bits)
        : _memory.GetValueOrDefault(space) | _memory.GetValueOrDefault(StateSpace.Generic);

    // What calls pass lies in local memory; a kernel's own parameters are never written.
    private StateSpace SpaceOf(Instruction instruction, AccessGroup group) => MemoryAccess.SpaceOf(instruction) != StateSpace.Parameter
        ? group.Space
        : instruction.Operands.Any(o => o is AddressOperand { Base: SymbolOperand symbol } && _plan.Memory.Places[symbol.Variable].Space == StateSpace.Parameter)
            ? StateSpace.Parameter
            : StateSpace.Local;

    private void Join<T>(Dictionary<T, RealBits> known, T key, RealBits bits) where T : notnull
    {
        var before = known.GetValueOrDefault(key);
        if ((before | bits) == before) return;
        known[key] = before | bits;
        _changed = true;
    }
}
