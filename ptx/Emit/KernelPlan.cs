using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Is what the passes found out about a kernel, ready to be emitted.</summary>
/// <param name="ModuleAddresses">The virtual addresses of the module's global and constant variables.</param>
internal sealed record KernelPlan(
    string Name,
    IReadOnlyList<BasicBlock> Blocks,
    MemoryLayout Memory,
    IReadOnlyDictionary<Variable, ulong> ModuleAddresses,
    Register Carry,
    LiveRegisters Live,
    IReadOnlyDictionary<Register, Representation> Representations,
    IReadOnlyDictionary<Register, object> Roots,
    RegionPlan Regions,
    IReadOnlyDictionary<Instruction, AccessGroup> Groups,
    IReadOnlyList<AccessGroup> AllGroups)
{
    public bool Prints { get; } = Blocks.Any(b => b.Instructions.Any(i => i.Opcode == Instructions.SystemCalls.Print));

    /// <summary>Gets what emitted code notes beside what it does, in audits alone.</summary>
    public Audit.AccessMarks? Marks { get; init; }

    /// <summary>Gets whether it shows in which order threads run: in what they print, or by the clock. Then they run one after the other.</summary>
    public bool ShowsOrder => Prints || Blocks.Any(b => b.End is Trap { Instruction.Operands.Count: > 0 } || b.Instructions.Any(ReadsClock));

    /// <summary>Gets whether threads wait for each other anywhere: then each keeps registers and local memory of its own.</summary>
    public bool HasBarriers => Regions.Starts.Count > 1;

    private static bool ReadsClock(Instruction instruction) =>
        instruction.Operands.OfType<SpecialOperand>().Any(s => Instructions.SpecialRegisters.IsClock(s.Name));
}
