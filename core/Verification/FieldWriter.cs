using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Broker.Core.Verification;

/// <summary>Writes what is hashed or signed: fields in a fixed order, each behind its length.</summary>
/// <remarks>A field is a length of four bytes, big-endian, and so many bytes. Text is UTF-8, a whole number eight bytes, big-endian.</remarks>
internal sealed class FieldWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <param name="kind">What is written, so that no two kinds of documents have the same bytes.</param>
    public FieldWriter(string kind) => Add(kind);

    public FieldWriter Add(ReadOnlySpan<byte> field)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(sizeof(int)), field.Length);
        _bytes.Advance(sizeof(int));
        _bytes.Write(field);
        return this;
    }

    public FieldWriter Add(string field) => Add(Encoding.UTF8.GetBytes(field));

    public FieldWriter Add(long field)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, field);
        return Add(bytes);
    }

    public FieldWriter Add(Digest field)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        field.CopyTo(bytes);
        return Add(bytes);
    }

    /// <summary>Adds how many there are, then what each of them adds.</summary>
    public FieldWriter AddEach<T>(IReadOnlyCollection<T> items, Action<FieldWriter, T> add)
    {
        Add(items.Count);
        foreach (var item in items) add(this, item);
        return this;
    }

    public byte[] ToBytes() => _bytes.WrittenSpan.ToArray();

    public Digest ToDigest() => Digest.Of(_bytes.WrittenSpan);
}
