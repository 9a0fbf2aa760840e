using Broker.Ptx.Emit.Lanes;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Emit;

/// <summary>Is the code of a kernel: a method for each of its regions, by the entries that lead into them.</summary>
/// <param name="Lanes">How many threads run side by side; 1 where they run one after the other.</param>
internal sealed record KernelCode(KernelPlan Plan, IReadOnlyList<RegionCode> ByEntry, int Lanes)
{
    public static KernelCode Scalar(KernelPlan plan) => new(plan, ByEntries(plan, region => RegionEmitter.Run(plan, region)), 1);

    public static KernelCode OfLanes(LanePlan plan) =>
        new(plan.Kernel, ByEntries(plan.Kernel, region => LaneRegionEmitter.Run(plan, region)), plan.Lanes);

    private static RegionCode[] ByEntries(KernelPlan plan, Func<Region, RegionCode> emit)
    {
        var code = new RegionCode[plan.Regions.Starts.Count];
        foreach (var region in plan.Regions.Regions)
        {
            var emitted = emit(region);
            foreach (var entry in region.Entries) code[entry] = emitted;
        }

        return code;
    }
}
