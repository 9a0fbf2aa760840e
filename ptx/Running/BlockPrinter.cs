using System.Buffers;
using System.Text;

namespace Broker.Ptx.Running;

/// <summary>Is what a block prints, and reads from memory to print it.</summary>
internal sealed unsafe class BlockPrinter(BlockState block, int limit)
{
    private const int MaxStringBytes = 64 << 10;

    private readonly ArrayBufferWriter<byte> _text = new();

    public ReadOnlySpan<byte> Text => _text.WrittenSpan;

    public void Begin() => _text.ResetWrittenCount();

    /// <summary>Prints one call of vprintf.</summary>
    /// <returns>The number of arguments, or -1 where there is no format (CUDA C++ Programming Guide, Formatted Output).</returns>
    /// <exception cref="UnreadableException">The format, an argument or a string of it lies in no memory of the kernel.</exception>
    public int Print(ulong format, ulong arguments)
    {
        if (format == 0) return -1;
        var print = new PrintFormat(ReadString(format, MaxStringBytes), new Arguments(this, arguments));
        var text = print.Write();
        // One byte beyond the limit shows that there was more.
        var room = (long)limit + 1 - _text.WrittenCount;
        _text.Write(text.AsSpan(0, (int)Math.Clamp(room, 0, text.Length)));
        return print.Taken;
    }

    public string Describe(ulong address) => address == 0 ? "" : Encoding.UTF8.GetString(ReadString(address, MaxStringBytes));

    private byte[] ReadString(ulong address, int most)
    {
        if (most == 0) return [];
        var rest = Rest(address, 1);
        var zero = rest.IndexOf((byte)0);
        var length = Math.Min(zero >= 0 ? zero : rest.Length, most);
        return zero < 0 && length == rest.Length && length < most ? throw new UnreadableException(address + (ulong)length, 1) : rest[..length].ToArray();
    }

    /// <summary>Gives the memory of the kernel from an address on, as far as one buffer goes.</summary>
    private ReadOnlySpan<byte> Rest(ulong address, int bytes)
    {
        var row = RangeRow.Find(block.Ranges, block.RangesEnd, address);
        if (row == null || row->Bytes - (address - row->Start) < (ulong)bytes) throw new UnreadableException(address, bytes);
        var offset = address - row->Start;
        return new ReadOnlySpan<byte>(row->Host + offset, (int)Math.Min(row->Bytes - offset, MaxStringBytes));
    }

    private sealed class Arguments(BlockPrinter printer, ulong start) : IPrintArguments
    {
        private ulong _offset;

        public ulong Next(int bytes)
        {
            _offset = (_offset + (ulong)bytes - 1) / (ulong)bytes * (ulong)bytes;
            var place = printer.Rest(start + _offset, bytes);
            _offset += (ulong)bytes;
            return bytes == 8 ? BitConverter.ToUInt64(place) : BitConverter.ToUInt32(place);
        }

        public byte[] ReadString(ulong address, int limit) => printer.ReadString(address, limit);
    }
}

/// <summary>Says that a print wants bytes that no buffer of the kernel holds.</summary>
internal sealed class UnreadableException(ulong address, int bytes) : Exception
{
    public ulong Address => address;

    public int Bytes => bytes;
}
