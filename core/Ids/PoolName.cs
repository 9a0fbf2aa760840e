using System.Text.Json.Serialization;

namespace Broker.Core.Ids;

/// <summary>Names a pool: jobs and offers meet only inside one.</summary>
[JsonConverter(typeof(TextIdConverter<PoolName>))]
public readonly record struct PoolName : ITextId<PoolName>
{
    private readonly string? _value;

    private PoolName(string value) => _value = value;

    public static PoolName Default { get; } = new("default");

    public static string Rule => "a pool name is 1 to 40 lower-case letters, digits and inner hyphens";

    public static bool TryParse(string? text, out PoolName name)
    {
        var valid = text is { Length: >= 1 and <= 40 }
            && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')
            && text[0] != '-' && text[^1] != '-';
        name = valid ? new PoolName(text!) : default;
        return valid;
    }

    public static PoolName Parse(string text) => TextId.Parse<PoolName>(text);

    public override string ToString() => _value ?? "";
}
