using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Takes an entry through all passes but the last, the emission.</summary>
/// <remarks>The check at submission runs these passes too, so whatever they refuse is refused before any money moves.</remarks>
internal static class PlanKernel
{
    public static KernelPlan Run(ParsedModule module, ModuleImage image, Function entry)
    {
        var body = ExpandInstructions.Run(InlineCalls.Run(module, entry));
        var memory = LayOutMemory.Run(body);
        var blocks = BuildBlocks.Run(body);
        var carry = new Register("carry", ScalarType.U32);
        var representations = ChooseRepresentations.Run(blocks, carry);
        var live = FindLiveRegisters.Run(blocks, carry);
        var roots = FindAddressRoots.Run(blocks);
        var regions = SplitAtBarriers.Run(blocks, live, representations);
        var (groups, all) = GroupAccesses.Run(blocks);
        if (regions.Starts.Count > 1 && memory.LocalBytes > MaxLocalBytesWithBarriers)
            throw new PtxException(new PtxError(
                PtxErrorKind.NotSupported, entry.Line, entry.Column, $"more than {MaxLocalBytesWithBarriers} bytes of local memory in a kernel with barriers"));
        return new KernelPlan(entry.Name, blocks, memory, image.Addresses, carry, live, representations, roots, regions, groups, all);
    }

    // Each of up to 1024 threads keeps its own where barriers let them take turns.
    private const int MaxLocalBytesWithBarriers = 64 << 10;
}
