using System.Text.Json.Serialization;

namespace Broker.Core.Ids;

/// <summary>Names a worker, and with it its offer and its queue.</summary>
[JsonConverter(typeof(TextIdConverter<WorkerId>))]
public readonly record struct WorkerId : ITextId<WorkerId>
{
    private const int Digits = 16;
    private readonly string? _value;

    private WorkerId(string value) => _value = value;

    public static string Rule => "a worker id is 16 lower-case hex digits";

    public static bool TryParse(string? text, out WorkerId id)
    {
        var valid = IdText.IsHex(text, Digits);
        id = valid ? new WorkerId(text!) : default;
        return valid;
    }

    public static WorkerId Parse(string text) => TextId.Parse<WorkerId>(text);

    /// <summary>A provider's worker of one name keeps its id when it registers again.</summary>
    public static WorkerId Derive(AccountId provider, string name) =>
        new(IdText.Derive(Digits, "worker", provider.ToString(), name));

    public override string ToString() => _value ?? "";
}
