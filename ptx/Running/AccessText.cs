using Broker.Ptx.Passes;

namespace Broker.Ptx.Running;

/// <summary>Puts into words what is wrong with an access.</summary>
internal readonly struct AccessText(AccessSite site, ulong address, MemoryRange range)
{
    private string Access =>
        $"{(site.Access.Atomic ? "atomic access" : site.Access.Writes ? "store" : "load")} of {Bytes((ulong)site.Access.Bytes)} at line {site.Line}";

    private string Place => $"{(range.Start >= AddressMap.ConstantWindow ? $"buffer '{range.Name}'" : range.Name)} ({Bytes(range.Bytes)})";

    public string Nowhere => $"{Access} is at address 0x{address:x}, where no buffer is near";

    public string OutOfBounds
    {
        get
        {
            if (address < range.Start) return $"{Access} is {Bytes(range.Start - address)} before the start of {Place}";
            var offset = address - range.Start;
            return offset >= range.Bytes
                ? $"{Access} is {Bytes(offset - range.Bytes)} past the end of {Place}"
                : $"{Access} reaches {Bytes(offset + (ulong)site.Access.Bytes - range.Bytes)} past the end of {Place}";
        }
    }

    public string Misaligned => $"{Access} is misaligned: it is {Bytes(address - range.Start)} into {Place}";

    public string ReadOnly => $"{Access} writes to {Place}, which is read-only";

    private static string Bytes(ulong count) => count == 1 ? "1 byte" : $"{count} bytes";
}
