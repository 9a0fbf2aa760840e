using Broker.Ptx.Emit.Lanes;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Emit;

/// <summary>Keeps the code of a kernel for each kind of launch that it was asked for.</summary>
internal sealed class KernelCodeCache(KernelPlan plan)
{
    private readonly Dictionary<(int Lanes, Dim3 Block), KernelCode> _code = [];
    private readonly Lazy<KernelCode> _scalar = new(() => KernelCode.Scalar(plan));
    private readonly Lock _lock = new();

    /// <param name="lanes">How many threads are to run side by side; null for what suits the kernel and the machine.</param>
    public KernelCode Find(KernelLaunch launch, int? lanes)
    {
        var wanted = lanes ?? LaneShape.Best;
        if (wanted == 1) return _scalar.Value;
        lock (_lock)
        {
            if (_code.TryGetValue((wanted, launch.Block), out var code)) return code;
            var classified = ClassifyLanes.Run(plan, wanted, launch.Block, (_, _) => false);
            return _code[(wanted, launch.Block)] = classified is null ? _scalar.Value : KernelCode.OfLanes(classified);
        }
    }
}
