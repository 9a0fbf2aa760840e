using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Is how an instruction touches memory.</summary>
/// <param name="Bytes">The bytes touched at once: those of all elements of a vector, which is also their alignment.</param>
internal readonly record struct MemoryAccess(StateSpace Space, int Bytes, int Elements, bool Writes, bool Atomic)
{
    public static MemoryAccess Of(Instruction instruction)
    {
        var elements = instruction.Has("v2") ? 2 : instruction.Has("v4") ? 4 : 1;
        var atomic = instruction.Opcode is "atom" or "red" || instruction.Opcode is "mbarrier" or "cp" && !instruction.Has("init");
        return new MemoryAccess(
            SpaceOf(instruction), instruction.Type.Bytes * elements, elements, atomic || instruction.Opcode is "st" or "mbarrier", atomic);
    }

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
