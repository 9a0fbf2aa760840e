using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is how the emitter holds a register.</summary>
/// <param name="Exact">Whether the bits are always what a GPU would hold. Else a NaN has to be made canonical where its bits are observed.</param>
internal readonly record struct Representation(Slot Slot, bool Exact);

/// <summary>Chooses for each register how it is held.</summary>
/// <remarks>
/// Arithmetic gives the one NaN of the GPU (PTX ISA 9.7.3), .NET many. A register that only arithmetic writes may hold any of
/// them until a store or a move of bits looks; one that also takes loaded values, whose payloads count, must be exact throughout.
/// A register of bits that only floating-point instructions write is held as a floating-point number.
/// </remarks>
internal static class ChooseRepresentations
{
    public static IReadOnlyDictionary<Register, Representation> Run(IReadOnlyList<BasicBlock> blocks, Register carry)
    {
        var definitions = blocks.SelectMany(b => b.Instructions)
            .SelectMany(i => Registers.WrittenBy(i).Select(register => (register, instruction: i)))
            .ToLookup(d => d.register, d => d.instruction);
        var all = blocks.SelectMany(b => b.Instructions.SelectMany(Registers.ReadBy).Concat(Registers.ReadBy(b.End)))
            .Concat(definitions.Select(d => d.Key))
            .Append(carry)
            .Distinct()
            .ToList();
        var slots = all.ToDictionary(r => r, r => SlotOf(r, definitions[r]));
        var inexact = slots.Where(s => s.Value is Slot.F32 or Slot.F64 && definitions[s.Key].Any()).Select(s => s.Key).ToHashSet();
        while (inexact.RemoveWhere(r => !definitions[r].All(d => MayBeInexact(d, inexact))) > 0) { }
        inexact.IntersectWith(Computed(inexact, definitions));
        return slots.ToDictionary(s => s.Key, s => new Representation(s.Value, !inexact.Contains(s.Key)));
    }

    private static Slot SlotOf(Register register, IEnumerable<Instruction> definitions)
    {
        if (register.Type.Class != TypeClass.Bits || register.Type.Bits < 32) return register.Type.Slot;
        var real = register.Type.Bits == 32 ? ScalarType.F32 : ScalarType.F64;
        var writers = definitions.ToList();
        return writers.Count > 0 && writers.All(i => i.OperandTypes[0] == real && i.Form!.Shapes[0].Writes) ? real.Slot : register.Type.Slot;
    }

    private static bool MayBeInexact(Instruction definition, HashSet<Register> inexact)
    {
        if (!definition.OperandTypes[0].IsReal) return false;
        if (!definition.Has(Traits.Copies)) return true;
        if (definition.Form!.Shapes.Any(s => s.Role == OperandRole.Memory)) return false;
        return definition.Operands.Skip(1).All(o => o switch
        {
            RegisterOperand register => inexact.Contains(register.Register) || register.Register.Type == ScalarType.Predicate,
            ImmediateOperand immediate => !IsNaN(immediate.Value),
            NegatedOperand => true,
            _ => false,
        });
    }

    /// <summary>Keeps the registers that arithmetic reaches; constants alone are exact.</summary>
    private static HashSet<Register> Computed(HashSet<Register> registers, ILookup<Register, Instruction> definitions)
    {
        var computed = registers.Where(r => definitions[r].Any(d => !d.Has(Traits.Copies))).ToHashSet();
        for (var before = -1; before != computed.Count;)
        {
            before = computed.Count;
            computed.UnionWith(registers.Where(r => definitions[r].Any(d => Registers.ReadBy(d).Any(computed.Contains))).ToList());
        }

        return computed;
    }

    private static bool IsNaN(Literal literal) => literal.Kind switch
    {
        LiteralKind.Single => float.IsNaN(BitConverter.UInt32BitsToSingle((uint)literal.Bits)),
        LiteralKind.Double => double.IsNaN(BitConverter.UInt64BitsToDouble(literal.Bits)),
        _ => false,
    };
}
