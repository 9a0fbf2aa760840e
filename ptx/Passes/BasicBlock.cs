using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is a run of instructions that is entered at its start and left at its end.</summary>
internal sealed class BasicBlock
{
    public int Index { get; set; }

    /// <summary>Gets the line of the text where this block starts.</summary>
    public int Line { get; set; }

    public List<Instruction> Instructions { get; } = [];

    public Terminator End { get; set; } = new Leave();

    /// <summary>Gets what this block costs of a step budget: its instructions and the branch that ends it.</summary>
    /// <remarks>A wait that gives a result costs where that is taken.</remarks>
    public int Weight => End is Wait { HasResult: true } ? Instructions.Count : Math.Max(1, Instructions.Count + (End is Jump and not SettledBranch ? 0 : 1));
}

/// <summary>Is how a block ends.</summary>
internal abstract record Terminator
{
    public virtual IEnumerable<BasicBlock> Successors => [];
}

internal record Jump(BasicBlock Target) : Terminator
{
    public override IEnumerable<BasicBlock> Successors => [Target];
}

/// <summary>Is a branch that always goes one way in the launches that code is made for. It costs what a branch costs.</summary>
internal sealed record SettledBranch(BasicBlock Target) : Jump(Target);

internal sealed record Branch(Operand Predicate, BasicBlock Taken, BasicBlock Otherwise) : Terminator
{
    public override IEnumerable<BasicBlock> Successors => [Taken, Otherwise];
}

internal sealed record IndexedBranch(Operand Index, IReadOnlyList<BasicBlock> Targets, int Line) : Terminator
{
    public override IEnumerable<BasicBlock> Successors => Targets;
}

/// <summary>Ends the thread.</summary>
internal sealed record Leave : Terminator;

/// <summary>Ends the kernel: a trap, or an assertion that failed.</summary>
internal sealed record Trap(Instruction Instruction) : Terminator;

/// <summary>Waits for other threads. What it gives is taken by the first instruction of the next block.</summary>
internal abstract record Wait(Instruction Instruction, BasicBlock Next) : Terminator
{
    public override IEnumerable<BasicBlock> Successors => [Next];

    public bool HasResult => Instruction.Form!.Shapes is [{ Writes: true }, ..];
}

/// <summary>Waits at a barrier of the block.</summary>
internal sealed record BarrierWait(Instruction Instruction, BasicBlock Next) : Wait(Instruction, Next);

/// <summary>Asks whether a phase of a barrier in shared memory is complete, which others may have to do first.</summary>
internal sealed record PollWait(Instruction Instruction, BasicBlock Next) : Wait(Instruction, Next);

/// <summary>Waits for other threads of the warp, to exchange values with them.</summary>
internal sealed record CollectiveWait(Instruction Instruction, BasicBlock Next) : Wait(Instruction, Next);
