using System.Buffers.Binary;

namespace Broker.Ptx.Audit;

/// <summary>Joins the written bytes of chunks to stretches, and finds the bits in them that machines may leave differently.</summary>
internal sealed class WriteCollector
{
    private readonly List<BlockWrite> _writes = [];
    private readonly List<byte> _bytes = [];
    private readonly List<byte> _marks = [];
    private string _buffer = "";
    private long _start;

    /// <param name="shadow">The mark of each byte; zero where it was not written.</param>
    public void Add(string buffer, long offset, ReadOnlySpan<byte> data, ReadOnlySpan<byte> shadow)
    {
        for (var i = shadow.IndexOfAnyExcept((byte)0); i >= 0 && i < shadow.Length;)
        {
            var length = shadow[i..].IndexOf((byte)0);
            if (length < 0) length = shadow.Length - i;
            if (buffer != _buffer || offset + i != _start + _bytes.Count)
            {
                Close();
                (_buffer, _start) = (buffer, offset + i);
            }

            _bytes.AddRange(data.Slice(i, length));
            _marks.AddRange(shadow.Slice(i, length));
            var next = shadow[(i + length)..].IndexOfAnyExcept((byte)0);
            i = next < 0 ? -1 : i + length + next;
        }
    }

    public List<BlockWrite> Finish()
    {
        Close();
        return _writes;
    }

    private void Close()
    {
        if (_bytes.Count == 0) return;
        var bytes = _bytes.ToArray();
        _writes.Add(new BlockWrite(_buffer, _start, bytes, MaskOf(bytes)));
        _bytes.Clear();
        _marks.Clear();
    }

    /// <summary>Frees sign and payload of each NaN that may have been computed. It stays a quiet NaN (PTX ISA 9.7.3).</summary>
    private byte[] MaskOf(byte[] bytes)
    {
        byte[]? mask = null;
        for (var i = 0; i < bytes.Length; i++)
        {
            var marks = (RealBits)_marks[i];
            var aligned = _start + i;
            if ((marks & RealBits.F64) != 0 && aligned % 8 == 0 && i + 8 <= bytes.Length && BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i)) == NaN.F64)
                BinaryPrimitives.WriteUInt64LittleEndian((mask ??= new byte[bytes.Length]).AsSpan(i), 0x8007_ffff_ffff_ffff);
            if ((marks & RealBits.F32) != 0 && aligned % 4 == 0 && i + 4 <= bytes.Length && BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i)) == NaN.F32)
                BinaryPrimitives.WriteUInt32LittleEndian((mask ??= new byte[bytes.Length]).AsSpan(i), 0x803f_ffff);
            if ((marks & RealBits.Half) != 0 && aligned % 2 == 0 && i + 2 <= bytes.Length && BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(i)) == NaN.Half)
                BinaryPrimitives.WriteUInt16LittleEndian((mask ??= new byte[bytes.Length]).AsSpan(i), 0x803f);
        }

        return mask ?? [];
    }
}

/// <summary>Lists the bits with which the engine stands for a NaN that arithmetic gave.</summary>
internal static class NaN
{
    public const int F32 = Arithmetic.RealMath.CanonicalNaN32;
    public const long F64 = Arithmetic.RealMath.CanonicalNaN64;

    // Of f16 and of bf16 alike; the mask above is what both leave open.
    public const short Half = 0x7fff;

    /// <summary>Says whether bits are such a NaN, or hold one in a part.</summary>
    public static bool IsIn(ulong bits, RealBits kinds) =>
        (kinds & RealBits.F64) != 0 && bits == F64
            || (kinds & RealBits.F32) != 0 && ((uint)bits == F32 || (uint)(bits >> 32) == F32)
            || (kinds & RealBits.Half) != 0 && ((ushort)bits == Half || (ushort)(bits >> 16) == Half || (ushort)(bits >> 32) == Half || (ushort)(bits >> 48) == Half);
}
