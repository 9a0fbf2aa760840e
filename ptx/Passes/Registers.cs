using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Says which registers an instruction reads and writes.</summary>
internal static class Registers
{
    public static IEnumerable<Register> ReadBy(Instruction instruction)
    {
        for (var i = 0; i < instruction.Operands.Count; i++)
        {
            var operand = instruction.Operands[i];
            // A place in memory is read as an address even where the memory is written.
            if (instruction.Form!.Shapes[i].Writes) continue;
            foreach (var register in In(operand)) yield return register;
        }
    }

    public static IEnumerable<Register> WrittenBy(Instruction instruction)
    {
        for (var i = 0; i < instruction.Operands.Count; i++)
            if (instruction.Form!.Shapes[i].Writes)
                foreach (var register in In(instruction.Operands[i]))
                    yield return register;
    }

    /// <summary>Gives what an instruction reads, the carry flag too.</summary>
    public static IEnumerable<Register> ReadBy(Instruction instruction, Register carry) =>
        instruction.Has(Traits.ReadsCarry) ? ReadBy(instruction).Append(carry) : ReadBy(instruction);

    /// <summary>Gives what an instruction writes, the carry flag too.</summary>
    public static IEnumerable<Register> WrittenBy(Instruction instruction, Register carry) =>
        instruction.Has(Traits.WritesCarry) ? WrittenBy(instruction).Append(carry) : WrittenBy(instruction);

    public static IEnumerable<Register> ReadBy(Terminator end) => end switch
    {
        Branch branch => In(branch.Predicate),
        IndexedBranch indexed => In(indexed.Index),
        Wait wait => ReadBy(wait.Instruction),
        Trap trap => ReadBy(trap.Instruction),
        _ => [],
    };

    public static IEnumerable<Register> In(Operand operand) => operand switch
    {
        RegisterOperand register => [register.Register],
        AddressOperand address => In(address.Base),
        NegatedOperand negated => In(negated.Inner),
        PairOperand pair => In(pair.First).Concat(In(pair.Second)),
        VectorOperand vector => vector.Elements.SelectMany(In),
        _ => [],
    };

    public static bool Has(this Instruction instruction, Traits trait) => instruction.Form!.Has(trait);
}
