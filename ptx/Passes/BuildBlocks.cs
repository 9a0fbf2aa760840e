using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Cuts a flat body into basic blocks, and turns predicates into branches.</summary>
internal sealed class BuildBlocks
{
    private const int MaxTargets = 1 << 16;

    private readonly List<BasicBlock> _blocks = [];
    private readonly Dictionary<Label, BasicBlock> _labels = [];
    private readonly Dictionary<Label, TargetsStatement> _targets = [];
    private BasicBlock? _current;
    private int _branchTargets;

    private BuildBlocks() { }

    public static IReadOnlyList<BasicBlock> Run(FlatBody body)
    {
        var builder = new BuildBlocks();
        foreach (var targets in body.Statements.OfType<TargetsStatement>()) builder._targets.Add(targets.Name, targets);
        foreach (var label in body.Statements.OfType<LabelStatement>()) builder._labels.Add(label.Label, new BasicBlock());
        builder.Begin(New());
        foreach (var statement in body.Statements) builder.Append(statement);
        Locate(builder._blocks, body.Entry.Line);
        return Reachable(builder._blocks);
    }

    /// <summary>Gives blocks without instructions the line of what follows them: a fault may name it.</summary>
    private static void Locate(List<BasicBlock> blocks, int line)
    {
        for (var i = blocks.Count - 1; i >= 0; i--)
        {
            if (blocks[i].Line == 0) blocks[i].Line = line;
            line = blocks[i].Line;
        }
    }

    private void Append(Statement statement)
    {
        switch (statement)
        {
            case LabelStatement label:
                var next = _labels[label.Label];
                EndWith(new Jump(next));
                Begin(next);
                break;
            case InstructionStatement { Instruction: var instruction }: Append(instruction); break;
        }
    }

    private void Append(Instruction instruction)
    {
        // What follows a branch without a label is never reached; it still has to end up somewhere.
        if (_current is null) Begin(New());
        if (_current!.Line == 0) _current.Line = instruction.Line;
        if (instruction.Opcode == "bra" && instruction.Guard is { } guard)
        {
            var next = New();
            EndWith(new Branch(guard, BlockAt(instruction, instruction.Operands[0]), next));
            Begin(next);
        }
        else if (instruction.Guard is { } predicate)
        {
            var (guarded, next) = (New(), New());
            EndWith(new Branch(predicate, guarded, next));
            Begin(guarded);
            Append(instruction with { Guard = null });
            EndWith(new Jump(next));
            Begin(next);
        }
        else if (!instruction.Has(Traits.EndsBlock)) _current.Instructions.Add(instruction);
        else End(instruction);
    }

    private void End(Instruction instruction)
    {
        switch (instruction.Form!.Opcode)
        {
            case "bra": EndWith(new Jump(BlockAt(instruction, instruction.Operands[0]))); break;
            case "brx": EndWith(new IndexedBranch(instruction.Operands[0], Targets(instruction), instruction.Line)); break;
            case "trap" or SystemCalls.FailAssertion or SystemCalls.Nowhere or SystemCalls.Overflow: EndWith(new Trap(instruction)); break;
            case "ret" or "exit": EndWith(new Leave()); break;
            default: WaitAt(instruction); break;
        }
    }

    private void WaitAt(Instruction instruction)
    {
        var next = New();
        Wait wait = WaitSite.IsBarrierOfBlock(instruction) ? new BarrierWait(instruction, next)
            : instruction.Opcode == "mbarrier" ? new PollWait(instruction, next)
            : new CollectiveWait(instruction, next);
        EndWith(wait);
        Begin(next);
        next.Line = instruction.Line;
        if (wait.HasResult) next.Instructions.Add(ExchangeEmission.ResultOf(instruction));
    }

    private List<BasicBlock> Targets(Instruction instruction)
    {
        var label = ((LabelOperand)instruction.Operands[1]).Label;
        if (!_targets.TryGetValue(label, out var targets))
            throw new PtxException(InstructionTable.Malformed(instruction, $"wants a list of targets, which '{label}' is not"));
        // Many branches may name one long list.
        _branchTargets += targets.Targets.Count;
        return _branchTargets <= MaxTargets
            ? [.. targets.Targets.Select(t => BlockAt(instruction, t))]
            : throw new PtxException(InstructionTable.NotSupported(instruction, $"kernels whose indexed branches have more than {MaxTargets} targets"));
    }

    private BasicBlock BlockAt(Instruction instruction, Operand operand)
    {
        var label = ((LabelOperand)operand).Label;
        return _labels.TryGetValue(label, out var block)
            ? block
            : throw new PtxException(InstructionTable.Malformed(instruction, $"cannot branch to '{label}'"));
    }

    private static BasicBlock New() => new();

    private void Begin(BasicBlock block)
    {
        _blocks.Add(block);
        _current = block;
    }

    private void EndWith(Terminator end)
    {
        if (_current is null) return;
        _current.End = end;
        _current = null;
    }

    /// <summary>Keeps the blocks that can be reached, in the order of the text, and numbers them.</summary>
    public static List<BasicBlock> Reachable(List<BasicBlock> blocks)
    {
        var seen = new HashSet<BasicBlock> { blocks[0] };
        var pending = new Stack<BasicBlock>(seen);
        while (pending.TryPop(out var block))
            foreach (var successor in block.End.Successors)
                if (seen.Add(successor))
                    pending.Push(successor);

        var kept = blocks.Where(seen.Contains).ToList();
        for (var i = 0; i < kept.Count; i++) kept[i].Index = i;
        return kept;
    }
}
