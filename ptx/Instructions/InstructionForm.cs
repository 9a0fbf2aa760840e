using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using Broker.Ptx.Expansions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Says more about a form than its operands do.</summary>
[Flags]
internal enum Traits
{
    None = 0,

    /// <summary>Moves bits unchanged, so that a NaN keeps its payload.</summary>
    Copies = 1,
    ReadsCarry = 2,
    WritesCarry = 4,

    /// <summary>Ends a basic block; the passes, not the emission, give it its meaning.</summary>
    EndsBlock = 8,

    /// <summary>Takes its modifiers in any order, the type last.</summary>
    AnyOrder = 16,

    /// <summary>Takes what a wait gave to each thread.</summary>
    TakesResult = 32,

    /// <summary>Names a place in memory and does not touch it.</summary>
    Hints = 64,
}

/// <summary>Is one row of the instruction table: an opcode, the modifiers and operands it may have, and how it is emitted.</summary>
/// <remarks>The check at submission and the emitter both read this table, so what the one accepts the other can run.</remarks>
internal sealed record InstructionForm(string Opcode, string Pattern, string Operands, Action<ScalarEmitter, Instruction> Emit, Traits Traits = Traits.None)
{
    public ModifierPattern Modifiers { get; } = new(Pattern, (Traits & Traits.AnyOrder) != 0);

    public OperandShape[] Shapes { get; } = OperandShape.Parse(Operands);

    /// <summary>Gets what a warp's threads do together in an instruction of this form, or null where they do nothing together.</summary>
    public Func<Instruction, WarpOperation>? Collective { get; init; }

    /// <summary>Gets how an instruction of this form is put in terms of others, or null where it is emitted as it is.</summary>
    public Action<Expansion, Instruction>? Expand { get; init; }

    public int LeastOperands { get; } = OperandShape.Parse(Operands).Count(s => !s.Optional);

    public bool Has(Traits trait) => (Traits & trait) != 0;
}
