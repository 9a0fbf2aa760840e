using System.Globalization;

namespace Broker.Ptx.Tests;

/// <summary>Is a file of Instructions/: a kernel, what its buffers hold, and what they must hold afterwards.</summary>
/// <remarks>
/// The header has a line a buffer, <c>// in a u32: 1 2 3</c> or <c>// out d f32: 1.5 0x7fffffff</c>: numbers, or bits in hexadecimal.
/// The launch is one block with a thread for each element of the first buffer, unless <c>// threads:</c> says otherwise.
/// </remarks>
internal sealed record InstructionCase(string Text, int Threads, IReadOnlyList<CaseBuffer> Buffers)
{
    public static InstructionCase Read(string path)
    {
        var text = File.ReadAllText(path);
        var header = text.Split('\n').TakeWhile(l => l.StartsWith("//", StringComparison.Ordinal)).Select(l => l[2..].Trim()).ToList();
        var buffers = header.Where(l => l.StartsWith("in ", StringComparison.Ordinal) || l.StartsWith("out ", StringComparison.Ordinal))
            .Select(CaseBuffer.Read).ToList();
        var threads = header.FirstOrDefault(l => l.StartsWith("threads:", StringComparison.Ordinal));
        return new InstructionCase(
            text, threads is null ? buffers[0].Values.Count : int.Parse(threads[8..], CultureInfo.InvariantCulture), buffers);
    }
}

/// <summary>Is one buffer of a case, its values as bits.</summary>
internal sealed record CaseBuffer(string Name, bool IsResult, int ElementBytes, IReadOnlyList<ulong> Values)
{
    public byte[] Pack() => [.. Values.SelectMany(v => BitConverter.GetBytes(v).Take(ElementBytes))];

    public static CaseBuffer Read(string line)
    {
        var (declaration, values) = (line.Split(':')[0].Split(' '), line.Split(':')[1]);
        var type = declaration[2];
        var bits = int.Parse(type[1..], CultureInfo.InvariantCulture);
        return new CaseBuffer(
            declaration[1],
            declaration[0] == "out",
            bits / 8,
            [.. values.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => Bits(v, type) & (ulong.MaxValue >> (64 - bits)))]);
    }

    // A number of a type of bits that ends in f stands for the bits of that float.
    private static ulong Bits(string value, string type) => value switch
    {
        _ when value.StartsWith("0x", StringComparison.Ordinal) => ulong.Parse(value[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        _ when type == "f32" || value.EndsWith('f') => BitConverter.SingleToUInt32Bits(float.Parse(value.TrimEnd('f'), CultureInfo.InvariantCulture)),
        "nan" => BitConverter.DoubleToUInt64Bits(double.NaN),
        _ when type == "f64" => BitConverter.DoubleToUInt64Bits(double.Parse(value, CultureInfo.InvariantCulture)),
        _ when value[0] == '-' => (ulong)long.Parse(value, CultureInfo.InvariantCulture),
        _ => ulong.Parse(value, CultureInfo.InvariantCulture),
    };
}
