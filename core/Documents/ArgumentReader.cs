using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Broker.Core.Jobs;

namespace Broker.Core.Documents;

/// <summary>Reads one kernel argument: an object with one member that names its type.</summary>
internal static class ArgumentReader
{
    private static readonly ImmutableArray<(string Text, ArgumentKind Kind)> Kinds =
    [
        ("buffer", ArgumentKind.Buffer), ("u32", ArgumentKind.U32), ("s32", ArgumentKind.S32), ("u64", ArgumentKind.U64),
        ("s64", ArgumentKind.S64), ("f32", ArgumentKind.F32), ("f64", ArgumentKind.F64), ("bytes", ArgumentKind.Bytes),
    ];

    public static Argument? Read(DocumentNode node, ImmutableArray<BufferSpec> buffers)
    {
        var members = node.Members("buffer", "offset", "u32", "s32", "u64", "s64", "f32", "f64", "bytes", "index");
        if (node.Element.ValueKind != JsonValueKind.Object) return null;
        if (members.TryGetValue("index", out var index))
        {
            index.RefuseAsUnsupported("an index argument, part of arrays, is");
            return null;
        }

        var found = Kinds.Where(row => members.ContainsKey(row.Text)).ToArray();
        if (found.Length != 1)
        {
            node.Refuse("must have exactly one of buffer, u32, s32, u64, s64, f32, f64, bytes");
            return null;
        }

        var (name, kind) = found[0];
        if (members.TryGetValue("offset", out var offset) && kind != ArgumentKind.Buffer) offset.Refuse("belongs to a buffer argument");
        return kind == ArgumentKind.Buffer ? ReadBuffer(members, buffers) : ReadValue(kind, members[name]);
    }

    private static Argument? ReadBuffer(Dictionary<string, DocumentNode> members, ImmutableArray<BufferSpec> buffers)
    {
        var node = members["buffer"];
        if (!node.TryText(out var name)) return null;
        var buffer = buffers.FirstOrDefault(buffer => buffer.Name == name);
        if (buffer is null)
        {
            var known = buffers.IsEmpty ? "the document has no buffers" : $"known are {string.Join(", ", buffers.Select(b => b.Name))}";
            node.Refuse($"unknown buffer '{name}'; {known}");
            return null;
        }

        long offset = 0;
        var most = buffer.Bytes > 0 ? buffer.Bytes - 1 : JobLimits.BufferBytes;
        if (members.TryGetValue("offset", out var offsetNode)) offsetNode.TryInteger(0, most, out offset);
        return new Argument(ArgumentKind.Buffer, name, offset, []);
    }

    private static Argument? ReadValue(ArgumentKind kind, DocumentNode node)
    {
        Span<byte> bits = stackalloc byte[8];
        switch (kind)
        {
            case ArgumentKind.Bytes:
                return ReadBytes(node);
            case ArgumentKind.F32:
                if (!TryFloat(node, kind, out float single)) return null;
                BinaryPrimitives.WriteSingleLittleEndian(bits, single);
                return Value(kind, bits[..4]);
            case ArgumentKind.F64:
                if (!TryFloat(node, kind, out double number)) return null;
                BinaryPrimitives.WriteDoubleLittleEndian(bits, number);
                return Value(kind, bits);
            default:
                var (least, most, size) = Range(kind);
                if (!TryInteger(node, least, most, out var integer)) return null;
                BinaryPrimitives.WriteUInt64LittleEndian(bits, unchecked((ulong)integer));
                return Value(kind, bits[..size]);
        }
    }

    private static Argument? ReadBytes(DocumentNode node)
    {
        if (!node.TryText(out _)) return null;
        if (!node.Element.TryGetBytesFromBase64(out var bytes)) node.Refuse("is not base64");
        else if (bytes.Length is 0 or > JobLimits.ParameterBytes) node.Refuse($"has {bytes.Length} bytes; 1 to {JobLimits.ParameterBytes} are allowed");
        else return Value(ArgumentKind.Bytes, bytes);
        return null;
    }

    private static (Int128 Least, Int128 Most, int Bytes) Range(ArgumentKind kind) => kind switch
    {
        ArgumentKind.U32 => (uint.MinValue, uint.MaxValue, 4),
        ArgumentKind.S32 => (int.MinValue, int.MaxValue, 4),
        ArgumentKind.U64 => (ulong.MinValue, ulong.MaxValue, 8),
        _ => (long.MinValue, long.MaxValue, 8),
    };

    /// <summary>A JSON number, or text: numbers above 2^53 lose bits in many JSON writers.</summary>
    private static bool TryInteger(DocumentNode node, Int128 least, Int128 most, out Int128 value)
    {
        var text = node.Element.ValueKind switch
        {
            JsonValueKind.Number => node.Element.GetRawText(),
            JsonValueKind.String => node.FindText(),
            _ => null,
        };
        var valid = Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;
        if (!valid) node.Refuse($"must be a whole number from {least} to {most}, not {DocumentNode.Describe(node.Element)}");
        return valid;
    }

    /// <summary>A JSON number, or one of the texts NaN, Infinity and -Infinity, which JSON has no number for.</summary>
    /// <remarks>The number is read as the type it shall have: by way of another it would be rounded twice.</remarks>
    private static bool TryFloat<T>(DocumentNode node, ArgumentKind kind, out T value) where T : struct, IBinaryFloatingPointIeee754<T>
    {
        value = T.Zero;
        if (node.Element.ValueKind == JsonValueKind.Number)
        {
            value = T.Parse(node.Element.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture);
            if (T.IsInfinity(value)) node.Refuse($"is too large for {kind.ToString().ToLowerInvariant()}: {DocumentNode.Describe(node.Element)}");
            return T.IsFinite(value);
        }

        T? named = node.FindText() switch
        {
            "NaN" => T.NaN,
            "Infinity" => T.PositiveInfinity,
            "-Infinity" => T.NegativeInfinity,
            _ => null,
        };
        value = named ?? T.Zero;
        if (named is null) node.Refuse($"must be a number, or \"NaN\", \"Infinity\", \"-Infinity\", not {DocumentNode.Describe(node.Element)}");
        return named is not null;
    }

    private static Argument Value(ArgumentKind kind, ReadOnlySpan<byte> bytes) => new(kind, null, 0, [.. bytes]);
}
