using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Core.Documents;

/// <summary>Reads a job document from JSON text.</summary>
public static class JobDocumentReader
{
    private static readonly JsonDocumentOptions Options = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 16,
    };

    /// <summary>Reads and checks a document.</summary>
    /// <returns>The document, or all its errors.</returns>
    /// <remarks>Pure and total: any text gives a result. What only the program or the stored content can tell is checked by <see cref="LaunchCheck"/>.</remarks>
    public static ReadResult<JobDocument> Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > JobLimits.RequestBytes)
            return Refused(new DocumentError("$", $"the document has {json.Length} bytes; at most {JobLimits.RequestBytes} are allowed: send the program and the data as content"));

        // The parser looks at what it splits only, and a text that is not UTF-8 could not be read later.
        if (!Utf8.IsValid(json.Span)) return Refused(new DocumentError("$", "is not UTF-8 text"));

        try
        {
            using var parsed = JsonDocument.Parse(json, Options);
            return Read(parsed.RootElement);
        }
        catch (JsonException e)
        {
            return Refused(new DocumentError("$", $"is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {FirstSentence(e.Message)}"));
        }
    }

    private static ReadResult<JobDocument> Read(JsonElement root)
    {
        var errors = new List<DocumentError>();
        var node = new DocumentNode(root, errors);
        var members = node.Members(
            "name", "pool", "program", "buffers", "steps", "array", "gang", "after", "requires", "terms", "verification", "auction");

        var buffers = members.TryGetValue("buffers", out var buffersNode) ? BufferReader.Read(buffersNode) : [];
        var steps = members.TryGetValue("steps", out var stepsNode) ? StepReader.Read(stepsNode, buffers) : [];
        if (stepsNode.Element.ValueKind == JsonValueKind.Undefined && root.ValueKind == JsonValueKind.Object)
            node.Refuse("'steps' is missing: name at least one kernel launch");
        else if (stepsNode.Element.ValueKind == JsonValueKind.Array && stepsNode.Element.GetArrayLength() == 0)
            stepsNode.Refuse("is empty: name at least one kernel launch");

        var program = ReadProgram(node, members);
        var document = new JobDocument
        {
            Name = ReadName(members),
            Pool = ReadPool(members),
            Program = program ?? new ProgramSource(null, null),
            Buffers = buffers,
            Steps = steps,
            Terms = members.TryGetValue("terms", out var terms) ? TermsReader.Read(terms) : new Terms(),
            Verification = members.TryGetValue("verification", out var verification) && !verification.IsNull ? VerificationReader.Read(verification) : null,
        };
        document = document with { Requires = RequirementsReader.Read(members, document.BufferBytes) };
        UnsupportedMembers.Refuse(members);
        return errors.Count == 0 ? new ReadResult<JobDocument>(document, []) : new ReadResult<JobDocument>(null, [.. errors]);
    }

    private static string ReadName(Dictionary<string, DocumentNode> members)
    {
        if (!members.TryGetValue("name", out var node) || !node.TryText(out var name)) return "job";
        if (name.Length is 0 or > JobLimits.NameLength || name.Any(char.IsControl))
            node.Refuse($"must have 1 to {JobLimits.NameLength} printable characters");
        return name;
    }

    private static PoolName ReadPool(Dictionary<string, DocumentNode> members)
    {
        if (!members.TryGetValue("pool", out var node) || !node.TryText(out var text)) return PoolName.Default;
        if (!PoolName.TryParse(text, out var pool)) node.Refuse($"'{text}' is not valid: {PoolName.Rule}");
        return pool;
    }

    private static ProgramSource? ReadProgram(DocumentNode root, Dictionary<string, DocumentNode> members)
    {
        if (!members.TryGetValue("program", out var node))
        {
            if (root.Element.ValueKind == JsonValueKind.Object)
                root.Refuse("'program' is missing: write { \"content\": \"sha256:...\" } or { \"ptx\": \"...\" }");
            return null;
        }

        var parts = node.Members("content", "ptx");
        var hasContent = parts.TryGetValue("content", out var content);
        if (hasContent == parts.TryGetValue("ptx", out var ptx))
        {
            if (node.Element.ValueKind == JsonValueKind.Object) node.Refuse("must have exactly one of content and ptx");
            return null;
        }

        if (hasContent) return ContentReader.Read(content) is { } hash ? new ProgramSource(hash, null) : null;
        if (!ptx.TryText(out var text)) return null;
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > JobLimits.InlinePtxBytes)
            ptx.Refuse($"has {bytes} bytes; inline PTX may have {JobLimits.InlinePtxBytes}: upload it and name it by its hash in program.content");
        return new ProgramSource(null, text);
    }

    private static string FirstSentence(string message) =>
        message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0].TrimEnd();

    private static ReadResult<JobDocument> Refused(DocumentError error) => new(null, [error]);
}
