using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Is how an instruction touches memory.</summary>
/// <param name="Bytes">The bytes touched at once: those of all elements of a vector, which is also their alignment.</param>
internal readonly record struct MemoryAccess(StateSpace Space, int Bytes, int Elements, bool Writes, bool Atomic)
{
    public static MemoryAccess Of(Instruction instruction)
    {
        var elements = ElementsOf(instruction);
        var atomic = instruction.Opcode is "atom" or "red" || instruction.Opcode is "mbarrier" or "cp" && !instruction.Has("init");
        return new MemoryAccess(
            SpaceOf(instruction), instruction.Type.Bytes * elements, elements, atomic || instruction.Opcode is "st" or "mbarrier", atomic);
    }

    /// <summary>Gives how many elements the vector of an instruction has, 1 where it takes none.</summary>
    public static int ElementsOf(Instruction instruction) => instruction.Has("v2") ? 2 : instruction.Has("v4") ? 4 : instruction.Has("v8") ? 8 : 1;

    public static StateSpace SpaceOf(Instruction instruction)
    {
        foreach (var modifier in instruction.Modifiers)
        {
            switch (modifier)
            {
                case "global": return StateSpace.Global;
                case "shared" or "shared::cta": return StateSpace.Shared;
                case "local": return StateSpace.Local;
                case "const": return StateSpace.Constant;
                case "param" or "param::entry" or "param::func": return StateSpace.Parameter;
            }
        }

        return StateSpace.Generic;
    }
}
