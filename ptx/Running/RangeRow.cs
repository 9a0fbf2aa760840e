namespace Broker.Ptx.Running;

/// <summary>Is a range of memory in the table that emitted code searches.</summary>
internal unsafe struct RangeRow(MemoryRange range)
{
    public ulong Start = range.Start;
    public ulong Bytes = range.Bytes;
    public ulong WritableBytes = range.Writable ? range.Bytes : 0;
    public byte* Host = range.Host;

    /// <summary>Finds the row in which an address lies, or null.</summary>
    public static RangeRow* Find(RangeRow* first, RangeRow* last, ulong address)
    {
        for (var row = first; row != last; row++)
            if (address - row->Start < row->Bytes)
                return row;
        return null;
    }
}
