using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Broker.Core.Documents;

/// <summary>A place in a JSON document that is being read: it collects what is wrong and goes on, so that all errors come at once.</summary>
internal readonly struct DocumentNode
{
    private readonly JsonElement _element;
    private readonly List<DocumentError> _errors;

    public DocumentNode(JsonElement element, List<DocumentError> errors, string path = "$")
    {
        _element = element;
        _errors = errors;
        Path = path;
    }

    public string Path { get; }

    public JsonElement Element => _element;

    public bool IsNull => _element.ValueKind == JsonValueKind.Null;

    public void Refuse(string message) => _errors.Add(new DocumentError(Path, message));

    public void RefuseAsUnsupported(string what) =>
        _errors.Add(new DocumentError(Path, $"{what} not supported yet: leave it out", Supported: false));

    /// <summary>The members of an object by name. Anything else is refused, and so are members that are not known or stand twice.</summary>
    public Dictionary<string, DocumentNode> Members(params ReadOnlySpan<string> known)
    {
        var members = Entries();
        foreach (var (name, node) in members)
        {
            if (known.IndexOf(name) < 0) node.Refuse($"unknown member; known here are {string.Join(", ", known.ToArray())}");
        }

        return members;
    }

    /// <summary>The members of an object whose names are the author's own.</summary>
    public Dictionary<string, DocumentNode> Entries()
    {
        var members = new Dictionary<string, DocumentNode>(StringComparer.Ordinal);
        if (_element.ValueKind != JsonValueKind.Object)
        {
            Refuse($"must be an object, not {Describe(_element)}");
            return members;
        }

        foreach (var property in _element.EnumerateObject())
        {
            if (FindName(property) is not { } name)
            {
                Refuse("a member's name is broken: it holds half a surrogate pair");
                continue;
            }

            var node = new DocumentNode(property.Value, _errors, $"{Path}.{name}");
            if (!members.TryAdd(name, node)) node.Refuse("stands twice");
        }

        return members;
    }

    public DocumentNode[] Items(int most)
    {
        if (_element.ValueKind != JsonValueKind.Array)
        {
            Refuse($"must be an array, not {Describe(_element)}");
            return [];
        }

        var length = _element.GetArrayLength();
        if (length > most)
        {
            Refuse($"has {length} items; at most {most} are allowed");
            return [];
        }

        var items = new DocumentNode[length];
        for (var i = 0; i < length; i++) items[i] = new DocumentNode(_element[i], _errors, $"{Path}[{i}]");
        return items;
    }

    public bool TryText([NotNullWhen(true)] out string? text)
    {
        text = FindText();
        if (text is null)
            Refuse(_element.ValueKind == JsonValueKind.String ? "is broken text: it holds half a surrogate pair" : $"must be a string, not {Describe(_element)}");
        return text is not null;
    }

    /// <summary>The text of a string; null where it is no string, or none that can be read.</summary>
    public string? FindText()
    {
        try
        {
            return _element.ValueKind == JsonValueKind.String ? _element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // JSON may escape half a surrogate pair, as in "\ud800", which no string of .NET's encodings can hold.
            return null;
        }
    }

    public bool TryInteger(long least, long most, out long value)
    {
        value = 0;
        var valid = _element.ValueKind == JsonValueKind.Number && _element.TryGetInt64(out value) && value >= least && value <= most;
        if (!valid) Refuse($"must be a whole number from {least} to {most}, not {Describe(_element)}");
        return valid;
    }

    public static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.Undefined => "nothing",
        _ => Shorten(element.GetRawText()),
    };

    private static string? FindName(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, as in FindText.
            return null;
        }
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "...");
}
