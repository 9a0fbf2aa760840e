using System.Buffers.Binary;
using System.IO.Compression;

namespace Broker.Cli.Demo.References;

/// <summary>Writes RGBA pixels as a PNG file.</summary>
/// <remarks>Just what the demo's pictures need of the PNG specification: 8 bits a channel, one IDAT chunk, one filter.</remarks>
public static class PngWriter
{
    private const byte FilterUp = 2;
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(CrcOf)];

    public static void Write(Stream stream, ReadOnlySpan<byte> rgba, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgba.Length, width * height * 4);

        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8; // bits a channel
        header[9] = 6; // colour with alpha

        stream.Write([0x89, .. "PNG\r\n"u8, 0x1a, (byte)'\n']);
        WriteChunk(stream, "IHDR"u8, header);
        WriteChunk(stream, "IDAT"u8, Compress(rgba, width * 4));
        WriteChunk(stream, "IEND"u8, []);
    }

    private static ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> rgba, int rowBytes)
    {
        var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            // Differences to the row above compress to less than half of the plain bytes.
            var above = new byte[rowBytes];
            var filtered = new byte[rowBytes + 1];
            filtered[0] = FilterUp;
            for (; rgba.Length > 0; rgba = rgba[rowBytes..])
            {
                for (var i = 0; i < rowBytes; i++) filtered[i + 1] = (byte)(rgba[i] - above[i]);
                rgba[..rowBytes].CopyTo(above);
                zlib.Write(filtered);
            }
        }
        return compressed.GetBuffer().AsSpan(0, (int)compressed.Length);
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);

        var crc = Crc(Crc(uint.MaxValue, type), data) ^ uint.MaxValue;
        BinaryPrimitives.WriteUInt32BigEndian(number, crc);
        stream.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes) crc = CrcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        return crc;
    }

    private static uint CrcOf(int value)
    {
        var crc = (uint)value;
        for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? 0xedb88320 ^ (crc >> 1) : crc >> 1;
        return crc;
    }
}
