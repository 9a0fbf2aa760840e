using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is a place where an integer of 32 bits is taken as one of 64: there it counts whether lanes wrap.</summary>
internal sealed record Widening(BasicBlock Block, Instruction Instruction, int Operand, bool Signed);

/// <summary>Finds where integers of 32 bits are widened, and which of these places a launch keeps in range.</summary>
internal sealed class FindWidenings
{
    private readonly KernelPlan _plan;
    private readonly Lazy<SsaForm> _form;

    public FindWidenings(KernelPlan plan)
    {
        _plan = plan;
        _form = new Lazy<SsaForm>(() => BuildSsa.Run(FlowGraph.Whole(plan.Blocks), plan.Live, plan.Carry));
        All = [.. plan.Blocks.SelectMany(block => block.Instructions.SelectMany(i => In(block, i)))];
    }

    public IReadOnlyList<Widening> All { get; }

    /// <summary>Says of each place whether no lane wraps there.</summary>
    public bool[] InRange(LaunchNumbers launch)
    {
        if (All.Count == 0) return [];
        var ranges = FindRanges.Run(_form.Value, _plan, launch);
        return [.. All.Select(w => ranges.StaysInRange(w.Block, w.Instruction, w.Operand, w.Signed))];
    }

    private static IEnumerable<Widening> In(BasicBlock block, Instruction instruction)
    {
        var last = (instruction.Opcode, instruction.Modifiers) switch
        {
            ("mul" or "mad", ["wide", "u32" or "s32"]) => 2,
            ("cvt", [var to, "u32" or "s32"]) when ScalarType.Find(to) is { Bits: 64, IsReal: false } => 1,
            _ => 0,
        };
        return Enumerable.Range(1, last).Select(operand => new Widening(block, instruction, operand, instruction.OperandTypes[operand].IsSigned));
    }
}
