using Broker.Ptx.Emit.Lanes;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Keeps the code of a kernel for each kind of launch that it was asked for.</summary>
/// <remarks>Launches whose blocks have the same shape, in which the same branches are settled, the same numbers in range and the same parameters multiples of much, share their code.</remarks>
internal sealed class KernelCodeCache(KernelPlan plan)
{
    private const int MaxLaunches = 256;
    private const int MaxKinds = 16;

    private readonly Dictionary<(int Lanes, Dim3 Grid, Dim3 Block, string Numbers), KernelCode> _byLaunch = [];
    private readonly Dictionary<(FindWidenings Settled, int Lanes, Dim3 Block, string Numbers), KernelCode> _byKind = [];
    private readonly Lazy<KernelCode> _scalar = new(() => KernelCode.Scalar(plan));
    private readonly IReadOnlyList<Instruction> _loads = ParameterLoads.Find(plan);
    private readonly SettleBranches _settling = new(plan);
    private readonly Dictionary<KernelPlan, FindWidenings> _widenings = new(ReferenceEqualityComparer.Instance);
    private readonly Lock _lock = new();

    /// <param name="lanes">How many threads are to run side by side; null for what suits the kernel and the machine.</param>
    public KernelCode Find(KernelLaunch launch, int? lanes)
    {
        var wanted = Math.Min(lanes ?? LaneShape.Best, LaneShape.Best);
        if (wanted == 1 || !ClassifyLanes.MayRun(plan)) return _scalar.Value;
        var key = (wanted, launch.Grid, launch.Block, NumbersOf(launch));
        lock (_lock)
        {
            if (_byLaunch.TryGetValue(key, out var code)) return code;
            if (_byLaunch.Count == MaxLaunches) _byLaunch.Clear();
            return _byLaunch[key] = Find(launch, wanted);
        }
    }

    /// <summary>Gives what the code for a launch depends on: not where its buffers lie, and no floating-point number.</summary>
    private string NumbersOf(KernelLaunch launch) => string.Join(' ', _loads.Select(load =>
        load.OperandTypes[0].Bits == 32 ? (long)ParameterLoads.Read(load, plan, launch.Parameters.Span) : IsAligned(load, plan, launch) ? 1 : 0));

    // One alignment is enough to know: most sizes are multiples of much, or of nothing.
    private static bool IsAligned(Instruction load, KernelPlan plan, KernelLaunch launch) =>
        LaneAlignment.Of(ParameterLoads.Read(load, plan, launch.Parameters.Span)) == LaneAlignment.Most;

    private KernelCode Find(KernelLaunch launch, int lanes)
    {
        var settled = _settling.Run(launch);
        var widenings = WideningsOf(settled);
        var inRange = widenings.InRange(new LaunchNumbers(launch.Grid, launch.Block, launch.Parameters, lanes));
        var aligned = _loads.Select(load => IsAligned(load, plan, launch)).ToList();
        var key = (widenings, lanes, launch.Block, string.Concat(inRange.Concat(aligned).Select(b => b ? '1' : '0')));
        if (_byKind.TryGetValue(key, out var code)) return code;
        if (_byKind.Count == MaxKinds) _byKind.Clear();
        var kept = widenings.All.Where((_, index) => inRange[index]).Select(w => (w.Instruction, w.Operand)).ToList();
        var alignments = new Dictionary<Instruction, int>(_loads.Where((_, index) => aligned[index]).Select(load => KeyValuePair.Create(load, LaneAlignment.Most)), ReferenceEqualityComparer.Instance);
        var classified = ClassifyLanes.Run(settled, new LaneLaunch(lanes, launch.Block, kept, alignments));
        return _byKind[key] = classified is null ? _scalar.Value : KernelCode.OfLanes(classified);
    }

    private FindWidenings WideningsOf(KernelPlan settled)
    {
        if (_widenings.TryGetValue(settled, out var widenings)) return widenings;
        if (_widenings.Count == MaxKinds) _widenings.Clear();
        return _widenings[settled] = new FindWidenings(settled);
    }
}
