using Broker.Ptx.Passes;

namespace Broker.Ptx.Running;

/// <summary>Puts into words what is wrong with an access.</summary>
internal readonly struct AccessText(AccessSite site, ulong address, MemoryRange range)
{
    private string Access =>
        $"{(site.Access.Atomic ? "atomic access" : site.Access.Writes ? "store" : "load")} of {site.Access.Bytes} bytes at line {site.Line}".Replace(" 1 bytes", " 1 byte", StringComparison.Ordinal);

    private string Place => $"{(range.Start >= AddressMap.ConstantWindow ? $"buffer '{range.Name}'" : range.Name)} ({range.Bytes} bytes)";

    public string Nowhere => $"{Access} is at address 0x{address:x}, where no buffer is near";

    public string OutOfBounds
    {
        get
        {
            if (address < range.Start) return $"{Access} is {range.Start - address} bytes before the start of {Place}";
            var offset = address - range.Start;
            return offset >= range.Bytes
                ? $"{Access} is {offset - range.Bytes} bytes past the end of {Place}"
                : $"{Access} reaches {offset + (ulong)site.Access.Bytes - range.Bytes} bytes past the end of {Place}";
        }
    }

    public string Misaligned => $"{Access} is misaligned: it is {address - range.Start} bytes into {Place}";

    public string ReadOnly => $"{Access} writes to the read-only {Place}";
}
