using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Running;

/// <summary>Is the memory that all blocks of a launch reach, and says what is wrong with an access.</summary>
internal sealed class AddressSpace(IReadOnlyList<MemoryRange> globals, IReadOnlyList<MemoryRange> constants)
{
    public IReadOnlyList<MemoryRange> Globals => globals;

    public IReadOnlyList<MemoryRange> Constants => constants;

    public (FaultKind Kind, string Message)? FindFault(ulong address, AccessSite site, BlockState block)
    {
        var range = RangeNear(address, site.Access.Space, block);
        var text = new AccessText(site, address, range);
        if (range.Name is null) return (FaultKind.OutOfBounds, text.Nowhere);
        var bytes = (ulong)site.Access.Bytes;
        var offset = address - range.Start;
        if (address < range.Start || offset > range.Bytes || range.Bytes - offset < bytes) return (FaultKind.OutOfBounds, text.OutOfBounds);
        // Ranges start at multiples of every access size.
        if ((offset & (bytes - 1)) != 0) return (FaultKind.Misaligned, text.Misaligned);
        return site.Access.Writes && !range.Writable ? (FaultKind.ReadOnly, text.ReadOnly) : null;
    }

    /// <summary>Gets the range in which an address lies, or else the one that it misses by least, if that is near.</summary>
    private MemoryRange RangeNear(ulong address, StateSpace space, BlockState block)
    {
        switch (space)
        {
            case StateSpace.Shared: return block.SharedRange.At(0);
            case StateSpace.Local: return block.LocalRange.At(0);
            case StateSpace.Constant: return Nearest(constants, address);
            case StateSpace.Global: return Nearest(globals, address);
        }

        if (IsIn(AddressMap.SharedWindow, address)) return block.SharedRange;
        if (IsIn(AddressMap.LocalWindow, address)) return block.LocalRange;
        if (IsIn(AddressMap.ParameterWindow, address)) return block.ParameterRange;
        return address < AddressMap.GlobalWindow ? Nearest(constants, address) : Nearest(globals, address);
    }

    private static bool IsIn(ulong window, ulong address) => address - window < AddressMap.WindowBytes;

    private static MemoryRange Nearest(IReadOnlyList<MemoryRange> ranges, ulong address)
    {
        var (low, high) = (0, ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].Start <= address) low = middle + 1;
            else high = middle;
        }

        // low is the first range that starts after the address.
        var before = low > 0 ? ranges[low - 1] : default;
        if (before.Name is not null && address - before.Start < before.Bytes + AddressMap.Gap) return before;
        if (low < ranges.Count && ranges[low].Start - address <= AddressMap.Gap) return ranges[low];
        return before;
    }
}
