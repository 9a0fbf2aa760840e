using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Broker.Core;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Functions.Api;

/// <summary>The JSON schemas of the API's documents, from the very options that read and write them.</summary>
internal sealed class OpenApiSchemas
{
    private readonly SortedDictionary<string, JsonNode> _schemas = new(StringComparer.Ordinal);

    /// <summary>Every schema that was referred to.</summary>
    public JsonObject ToJson() => new(_schemas.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value.DeepClone())));

    /// <summary>A reference to a document's schema.</summary>
    /// <param name="type">The document.</param>
    /// <param name="isRequest">Whether it is sent to the broker, which refuses members that it does not know. A client passes them over.</param>
    public JsonObject Refer(Type type, bool isRequest)
    {
        var name = NameOf(type);
        if (!_schemas.ContainsKey(name)) _schemas[name] = type == typeof(JobDocument) ? JobDocumentSchema() : Place(Make(type, isRequest), name);
        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    /// <summary>A part that stands twice refers to where it stood first: by its place in the whole description.</summary>
    private static JsonNode Place(JsonNode schema, string name)
    {
        if (schema is JsonArray items) foreach (var item in items) if (item is not null) Place(item, name);
        if (schema is not JsonObject members) return schema;
        foreach (var (_, member) in members) if (member is not null) Place(member, name);
        if (members["$ref"]?.GetValue<string>() is { } local && local.StartsWith("#/properties/", StringComparison.Ordinal))
            members["$ref"] = $"#/components/schemas/{name}{local[1..]}";
        return schema;
    }

    private static JsonNode Make(Type type, bool isRequest) => BrokerJson.Options.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, schema) => Transform(context.TypeInfo.Type, schema, isRequest),
    });

    private static JsonNode Transform(Type type, JsonNode schema, bool isRequest)
    {
        var known = Nullable.GetUnderlyingType(type) ?? type;
        if (known == typeof(Money)) return Text("credits, as decimal text with at most six places: 0.50");
        if (RuleOf(known) is { } rule) return Text(rule);
        if (schema is not JsonObject members) return schema;
        if (known.IsEnum) members["type"] = "string";
        if (!isRequest) members.Remove("additionalProperties");
        return members;
    }

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    /// <summary>What an id's text looks like; null for a type that is no id.</summary>
    private static string? RuleOf(Type type) => type.IsValueType && type.GetInterfaces().Any(its => its.IsGenericType && its.GetGenericTypeDefinition() == typeof(ITextId<>))
        ? type.GetProperty(nameof(ITextId<JobId>.Rule), BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as string
        : null;

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}Of{string.Concat(type.GetGenericArguments().Select(NameOf))}"
        : type.Name;

    /// <summary>The job document has a reader of its own, which tells every error with its path.</summary>
    private static JsonObject JobDocumentSchema() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("program", "steps"),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["name"] = Text("what people call it"),
            ["pool"] = Text(PoolName.Rule),
            ["program"] = Members("exactly one of: ptx, the program's text; content, the hash of content that holds it"),
            ["buffers"] = Members("by name: role (input, output, inout or scratch), bytes, content"),
            ["steps"] = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["maxItems"] = JobLimits.Steps, ["items"] = Members("kernel, grid, block, sharedBytes, repeat, arguments") },
            ["requires"] = Members("what a device must have: memory, computeCapability, share"),
            ["terms"] = Members("maxPrice, timeout, queueTimeout, deadline, attempts, delayValue, estimate"),
            ["verification"] = Members("mode (none, sample or full), fraction, confidence, budget; left out, the class of the job decides"),
        },
    };

    private static JsonObject Members(string description) => new() { ["type"] = "object", ["description"] = description };
}
