using System.Buffers.Binary;

namespace Broker.Cli.Demo.References;

/// <summary>The input of the histogram job, and its 256 counts recounted.</summary>
public sealed class HistogramCheck
{
    public const int InputBytes = 16 << 20;
    public const int OutputBytes = 256 * sizeof(uint);

    public HistogramCheck()
    {
        Input = new byte[InputBytes];
        new SeededNumbers(3).Fill(Input);
    }

    public byte[] Input { get; }

    /// <summary>Compares 256 little-endian counts; integers, so every one must be equal.</summary>
    public CheckOutcome Check(ReadOnlySpan<byte> output)
    {
        if (output.Length != OutputBytes) return CheckOutcome.WrongSize(OutputBytes, output.Length);

        var counts = new uint[256];
        foreach (var value in Input) counts[value]++;

        var wrong = 0;
        for (var i = 0; i < counts.Length; i++)
            if (BinaryPrimitives.ReadUInt32LittleEndian(output[(i * sizeof(uint))..]) != counts[i]) wrong++;

        return new CheckOutcome(wrong == 0, string.Create(null, $"{InputBytes:N0} bytes counted again, {wrong} of 256 bins differ"));
    }
}
