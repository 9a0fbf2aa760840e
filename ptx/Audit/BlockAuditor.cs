using Broker.Ptx.Emit;
using Broker.Ptx.Running;

namespace Broker.Ptx.Audit;

/// <summary>Runs single blocks of a launch, each on memory of its own.</summary>
/// <remarks>Where accesses are tracked the threads run one by one, since it matters which of them touches what.</remarks>
internal sealed class BlockAuditor(Module module, KernelPlan plan)
{
    // Each run finds at least one chunk that was missing; a kernel that walks a list of them is let go so far.
    private const int MaxFetches = 4096;

    private readonly KernelCodeCache _fast = new(plan with { Marks = new AccessMarks(plan, false) });
    private readonly Lazy<KernelCode> _tracked = new(() => KernelCode.Scalar(plan with { Marks = new AccessMarks(plan, true) }));

    public BlockAudit Run(KernelLaunch launch, AuditMemory memory, Dim3 block, AuditRequest request)
    {
        var (arena, code) = (memory.ArenaOf(module), request.Tracks ? _tracked.Value : _fast.Find(launch, request.Options.Lanes));
        var space = new AddressSpace(arena.Globals, arena.Constants);
        var context = new LaunchContext(code.Plan, launch, space, request.Options, request.Cancellation) { Arena = arena };
        using var registration = request.Cancellation.Register(context.StopUnwanted);
        using var state = new BlockState(context);
        context.Watch(state);
        long fetched = 0;
        for (var fetches = 0; ; fetches++)
        {
            DeepStack.Run(code.Plan, () => RunOnce(state, code, block, launch, request));
            var more = fetches < MaxFetches ? arena.FetchTouched() : 0;
            fetched += more;
            if (more == 0 || state.Fault?.Kind == FaultKind.Cancelled) break;
            arena.TakeWrites(wanted: false);
        }

        var status = state.Fault switch
        {
            { Kind: FaultKind.Cancelled } => AuditStatus.Cancelled,
            not null => AuditStatus.Faulted,
            _ => state.Findings.Count > 0 ? AuditStatus.Inconclusive : AuditStatus.Completed,
        };
        return new BlockAudit(block, status, arena.TakeWrites(wanted: true), state.Steps, state.Fault, [.. state.Findings], fetched);
    }

    private static void RunOnce(BlockState state, KernelCode code, Dim3 block, KernelLaunch launch, AuditRequest request)
    {
        state.BeginAudit();
        state.Begin(block.X + launch.Grid.X * (block.Y + (ulong)launch.Grid.Y * block.Z));
        IReadOnlyList<RegionCode> entries = code.ByEntry;
        if (request.Tracks)
        {
            state.Tracker = new BlockTracker(state);
            entries = [.. code.ByEntry.Select((region, entry) => Tracked(region, code.Plan, entry, request.Claimed))];
        }

        new BlockScheduler(state, code.Plan.Regions.Sites, entries).Run();
    }

    /// <summary>Tells the tracker who enters a region, and lets the block run past the faults of threads that are not asked about.</summary>
    private static RegionCode Tracked(RegionCode code, KernelPlan plan, int entry, int? claimed)
    {
        var region = plan.Regions.Regions.First(r => r.Entries.Contains(entry));
        return (state, first, end) =>
        {
            if (plan.HasBarriers) state.Tracker!.Enter(region, plan.Regions.Sites, first, end);
            for (var forgiven = false; ; forgiven = true)
            {
                var place = code(state, first, end);
                if (place != RegionMethod.Fault) return forgiven ? RegionMethod.Apart : place;
                if (claimed is not { } thread || state.Fault is null || state.Thread == thread || state.Fault.Kind is FaultKind.Cancelled or FaultKind.StepBudget) return place;
                state.ForgiveFault();
                state.WaitingAt[state.Thread] = BlockState.Left;
                first = state.Thread + 1;
                if (first >= end) return RegionMethod.Apart;
            }
        };
    }
}

/// <summary>Says how a block is to be audited.</summary>
/// <param name="Claimed">The thread whose fault is asked about; the faults of others then end these alone.</param>
internal sealed record AuditRequest(bool Tracks, int? Claimed, RunOptions Options, CancellationToken Cancellation);
