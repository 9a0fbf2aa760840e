using System.Collections.Immutable;
using System.Text.Json;

namespace Broker.Host.Tests.Hosting;

/// <summary>A function of a script root.</summary>
/// <param name="Name">The name of its folder.</param>
/// <param name="Trigger">The binding that starts it.</param>
internal sealed record ScriptFunction(string Name, JsonElement Trigger)
{
    public string Type => Text("type");

    public string Text(string member) => Trigger.GetProperty(member).GetString()!;
}

/// <summary>How queues are listened to, as <c>host.json</c> says it.</summary>
internal sealed record QueueOptions(
    int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan VisibilityTimeout, TimeSpan MaxPollingInterval, string MessageEncoding);

/// <summary>What the Functions host reads in the folder that it is pointed at.</summary>
internal sealed record ScriptRoot
{
    public required string Folder { get; init; }

    /// <summary>The path of the program to start.</summary>
    public required string Executable { get; init; }

    public required bool ForwardsHttp { get; init; }

    public required string RoutePrefix { get; init; }

    public required QueueOptions Queues { get; init; }

    public required ImmutableArray<ScriptFunction> Functions { get; init; }

    public IEnumerable<ScriptFunction> Of(string trigger) => Functions.Where(function => function.Type == trigger);

    public static ScriptRoot Read(string folder)
    {
        var host = ReadJson(Path.Combine(folder, "host.json"));
        var handler = host.GetProperty("customHandler");
        var queues = host.GetProperty("extensions").GetProperty("queues");

        // The host knows no queue trigger that is not in a bundle.
        Assert.Equal("Microsoft.Azure.Functions.ExtensionBundle", host.GetProperty("extensionBundle").GetProperty("id").GetString());
        return new ScriptRoot
        {
            Folder = folder,
            Executable = Path.Combine(folder, handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString()!),
            ForwardsHttp = handler.GetProperty("enableForwardingHttpRequest").GetBoolean(),
            RoutePrefix = host.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString()!,
            Queues = new QueueOptions(
                queues.GetProperty("batchSize").GetInt32(),
                queues.GetProperty("newBatchThreshold").GetInt32(),
                queues.GetProperty("maxDequeueCount").GetInt32(),
                TimeSpan.Parse(queues.GetProperty("visibilityTimeout").GetString()!, null),
                TimeSpan.Parse(queues.GetProperty("maxPollingInterval").GetString()!, null),
                queues.GetProperty("messageEncoding").GetString()!),
            Functions = [.. Directory.GetDirectories(folder)
                .Where(function => File.Exists(Path.Combine(function, "function.json")))
                .Order(StringComparer.Ordinal)
                .Select(ReadFunction)],
        };
    }

    private static ScriptFunction ReadFunction(string folder) => new(
        Path.GetFileName(folder),
        ReadJson(Path.Combine(folder, "function.json")).GetProperty("bindings").EnumerateArray()
            .Single(binding => binding.GetProperty("type").GetString()!.EndsWith("Trigger", StringComparison.Ordinal)));

    private static JsonElement ReadJson(string file) => JsonDocument.Parse(File.ReadAllText(file)).RootElement;
}
