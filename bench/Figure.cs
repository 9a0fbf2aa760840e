using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.Bench;

/// <summary>One measured number.</summary>
/// <param name="Bench">The benchmark.</param>
/// <param name="Name">What was measured.</param>
/// <param name="Case">On what.</param>
/// <param name="Value">The number; null where it could not be measured.</param>
/// <param name="Unit">Its unit.</param>
public sealed record Figure(string Bench, [property: JsonPropertyName("figure")] string Name, string Case, double? Value, string Unit)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whom it is compared with.</summary>
    public string? Peer { get; init; }

    /// <summary>The peer's own number, measured in the same run.</summary>
    public double? PeerValue { get; init; }

    /// <summary>Why there is no number.</summary>
    public string? Why { get; init; }

    /// <summary>Prints it on standard output.</summary>
    public void Print(bool json)
    {
        if (!json)
        {
            var value = Value?.ToString("0.####", CultureInfo.InvariantCulture) ?? $"not measured: {Why}";
            var peer = PeerValue is { } other ? string.Create(CultureInfo.InvariantCulture, $"   ({Peer}: {other:0.####})") : "";
            Console.WriteLine($"{Bench,-12}{Name,-32}{Case,-18}{value} {(Value is null ? "" : Unit)}{peer}");
            return;
        }

        var line = JsonSerializer.SerializeToNode(this, Options)!.AsObject();
        if (Value is null) line["value"] = null;
        Console.WriteLine(line.ToJsonString(Options));
    }
}
