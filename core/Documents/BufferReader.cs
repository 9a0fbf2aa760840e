using System.Collections.Immutable;
using System.Text.Json;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Core.Documents;

/// <summary>Reads the buffers of a job document.</summary>
internal static class BufferReader
{
    private static readonly ImmutableArray<(string Text, BufferRole Role)> Roles =
        [("input", BufferRole.Input), ("output", BufferRole.Output), ("inout", BufferRole.Inout), ("scratch", BufferRole.Scratch)];

    public static ImmutableArray<BufferSpec> Read(DocumentNode node)
    {
        var entries = node.Entries();
        if (entries.Count > JobLimits.Buffers) node.Refuse($"has {entries.Count} buffers; at most {JobLimits.Buffers} are allowed");
        var buffers = entries.Select(entry => ReadOne(entry.Key, entry.Value)).OfType<BufferSpec>().ToImmutableArray();
        var outputBytes = buffers.Where(buffer => buffer.IsResult).Sum(buffer => (decimal)buffer.Bytes);
        if (outputBytes > JobLimits.OutputBytes)
            node.Refuse($"outputs have {outputBytes} bytes together; at most {JobLimits.OutputBytes} are allowed");
        return buffers;
    }

    private static BufferSpec? ReadOne(string name, DocumentNode node)
    {
        if (name.Contains("{index}", StringComparison.Ordinal)) node.RefuseAsUnsupported("a buffer name with {index}, part of arrays, is");
        else if (!IsName(name)) node.Refuse($"'{name}' is not a buffer name: a letter or underscore, then up to 62 letters, digits, underscores");

        var members = node.Members("role", "bytes", "content");
        if (node.Element.ValueKind != JsonValueKind.Object) return null;
        if (!members.TryGetValue("role", out var roleNode))
        {
            node.Refuse("'role' is missing: input, output, inout or scratch");
            return null;
        }

        if (!roleNode.TryText(out var roleText)) return null;
        var found = Roles.Where(row => row.Text == roleText).ToArray();
        if (found.Length == 0)
        {
            roleNode.Refuse($"'{roleText}' is not a role: input, output, inout or scratch");
            return null;
        }

        return ReadMemory(name, found[0].Role, node, members);
    }

    private static BufferSpec ReadMemory(string name, BufferRole role, DocumentNode node, Dictionary<string, DocumentNode> members)
    {
        long bytes = 0;
        var hasBytes = members.TryGetValue("bytes", out var bytesNode);
        if (hasBytes) ReadBytes(bytesNode, out bytes);
        ContentHash? content = null;
        var starts = role is BufferRole.Input or BufferRole.Inout;
        if (members.TryGetValue("content", out var contentNode))
        {
            content = ContentReader.Read(contentNode);
            if (!starts) contentNode.Refuse($"a buffer of role {role.ToString().ToLowerInvariant()} starts as zeros: use role inout to start from content");
        }
        else if (starts)
        {
            node.Refuse("'content' is missing: upload the bytes and name their hash");
        }

        if (!starts && !hasBytes) node.Refuse("'bytes' is missing: the size of the buffer");
        return new BufferSpec(name, role, bytes, content);
    }

    private static void ReadBytes(DocumentNode node, out long bytes)
    {
        bytes = 0;
        if (node.Element.ValueKind != JsonValueKind.String)
        {
            node.TryInteger(1, JobLimits.BufferBytes, out bytes);
            return;
        }

        if (!node.TryText(out var text)) return;
        if (!Quantities.TryParseBytes(text, out bytes)) node.Refuse($"'{text}' is not a size: write {Quantities.BytesRule}");
        else if (bytes is < 1 or > JobLimits.BufferBytes) node.Refuse($"must be from 1 to {JobLimits.BufferBytes} bytes");
    }

    private static bool IsName(string name) =>
        name.Length is >= 1 and <= 63
        && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
