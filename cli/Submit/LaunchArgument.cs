using System.Text.Json.Nodes;

namespace Broker.Cli.Submit;

/// <summary>One argument of a kernel launch, with the buffer that it makes.</summary>
/// <param name="Argument">The argument in the job document.</param>
/// <param name="Buffer">The buffer in the job document, if the argument makes one.</param>
/// <param name="Content">What the buffer starts with, if it starts with something.</param>
internal sealed record LaunchArgument(JsonObject Argument, JsonObject? Buffer, LocalContent? Content)
{
    public string? BufferName => (string?)Argument["buffer"];

    public static LaunchArgument Value(string kind, JsonNode value) => new(new JsonObject { [kind] = value }, null, null);

    public static LaunchArgument U32(int value) => Value("u32", value);

    public static LaunchArgument Zeros(string buffer, string role, long bytes) =>
        new(new JsonObject { ["buffer"] = buffer }, new JsonObject { ["role"] = role, ["bytes"] = bytes }, null);

    public static LaunchArgument From(string buffer, string role, LocalContent content) =>
        new(new JsonObject { ["buffer"] = buffer }, new JsonObject { ["role"] = role, ["content"] = content.Hash.ToString() }, content);
}
