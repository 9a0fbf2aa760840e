using Broker.Ptx.Emit;

namespace Broker.Ptx.Passes;

/// <summary>Leaves out of a kernel where no thread of a launch goes: the guards that its size makes needless, and what is behind them.</summary>
/// <remarks>What a thread runs, and what that costs of its budget, stays the same.</remarks>
internal sealed class SettleBranches
{
    private const int MaxPlans = 16;

    private readonly KernelPlan _plan;
    private readonly IReadOnlyList<BasicBlock> _branching;
    private readonly Lazy<SsaForm> _form;
    private readonly Dictionary<string, KernelPlan> _plans = [];

    public SettleBranches(KernelPlan plan)
    {
        _plan = plan;
        _branching = [.. plan.Blocks.Where(b => b.End is Branch branch && branch.Taken != branch.Otherwise)];
        _form = new Lazy<SsaForm>(() => BuildSsa.Run(FlowGraph.Whole(plan.Blocks), plan.Live, plan.Carry));
    }

    /// <summary>Gives the plan for a launch; as a rule the same object for launches in which the same branches are settled.</summary>
    public KernelPlan Run(KernelLaunch launch)
    {
        if (_branching.Count == 0) return _plan;
        var ranges = FindRanges.Run(_form.Value, _plan, new LaunchNumbers(launch.Grid, launch.Block, launch.Parameters, 1));
        var outcomes = _branching.Select(block => ranges.OutcomeOf(block, (Branch)block.End)).ToList();
        if (outcomes.TrueForAll(o => o is null)) return _plan;
        var key = string.Concat(outcomes.Select(o => o is { } taken ? (taken ? '1' : '0') : '?'));
        if (_plans.TryGetValue(key, out var plan)) return plan;
        if (_plans.Count == MaxPlans) _plans.Clear();
        return _plans[key] = Settle(outcomes);
    }

    private KernelPlan Settle(List<bool?> outcomes)
    {
        var copies = _plan.Blocks.ToDictionary(block => block, block => new BasicBlock { Line = block.Line });
        var settled = _branching.Zip(outcomes).Where(p => p.Second is not null).ToDictionary(p => p.First, p => p.Second!.Value);
        foreach (var (block, copy) in copies)
        {
            copy.Instructions.AddRange(block.Instructions);
            copy.End = settled.TryGetValue(block, out var taken)
                ? new SettledBranch(copies[taken ? ((Branch)block.End).Taken : ((Branch)block.End).Otherwise])
                : Copy(block.End, copies);
        }

        var blocks = BuildBlocks.Reachable([.. _plan.Blocks.Select(b => copies[b])]);
        var live = FindLiveRegisters.Run(blocks, _plan.Carry);
        var (groups, all) = GroupAccesses.Run(blocks);
        return _plan with { Blocks = blocks, Live = live, Regions = SplitAtBarriers.Run(blocks, live, _plan.Representations), Groups = groups, AllGroups = all };
    }

    private static Terminator Copy(Terminator end, Dictionary<BasicBlock, BasicBlock> copies) => end switch
    {
        Jump jump => new Jump(copies[jump.Target]),
        Branch branch => new Branch(branch.Predicate, copies[branch.Taken], copies[branch.Otherwise]),
        IndexedBranch indexed => indexed with { Targets = [.. indexed.Targets.Select(t => copies[t])] },
        Wait wait => wait with { Next = copies[wait.Next] },
        _ => end,
    };
}
