using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Is one instruction that touches memory which other blocks can see, or the shared memory of its block.</summary>
/// <param name="Roots">What it may touch; nothing where that cannot be told.</param>
internal sealed record KernelAccess(BasicBlock Block, Instruction Instruction, MemoryAccess Access, IReadOnlySet<MemoryRoot> Roots)
{
    public bool IsShared => Roots.Count > 0 && Roots.All(r => r.Space == StateSpace.Shared);

    public AddressOperand Place => (AddressOperand)Instruction.Operands.First(o => o is AddressOperand);

    /// <summary>Gets whether its order among other accesses may be seen (PTX ISA 8.4).</summary>
    public bool IsOrdered => !Access.Atomic && Instruction.Modifiers.Any(m => m is "volatile" or "relaxed" or "acquire" or "release" or "cv" or "wt");
}

/// <summary>Finds the accesses of a kernel that are not to memory of the thread alone.</summary>
internal static class FindAccesses
{
    public static IReadOnlyList<KernelAccess> Run(KernelPlan plan, FindPointers pointers) =>
    [
        .. plan.Blocks.SelectMany(block => block.Instructions.Where(plan.Groups.ContainsKey).Select(instruction => Find(block, instruction, plan, pointers)))
            .Where(access => access.Roots.Count == 0 || access.Roots.Any(root => root.Space is StateSpace.Global or StateSpace.Shared)),
    ];

    private static KernelAccess Find(BasicBlock block, Instruction instruction, KernelPlan plan, FindPointers pointers)
    {
        var access = MemoryAccess.Of(instruction) with { Space = plan.Groups[instruction].Space };
        var place = (AddressOperand)instruction.Operands.First(o => o is AddressOperand);
        IReadOnlySet<MemoryRoot> roots = MemoryAccess.SpaceOf(instruction) == StateSpace.Parameter
            ? new HashSet<MemoryRoot> { MemoryRoot.Parameters }
            // A number is no address of a space: where the variables lie in it is left to each machine.
            : pointers.Of(place).Where(r => access.Space is StateSpace.Generic or StateSpace.Global || r.Space == access.Space).ToHashSet();
        return new KernelAccess(block, instruction, access, roots);
    }
}
