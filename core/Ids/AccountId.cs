using System.Text.Json.Serialization;

namespace Broker.Core.Ids;

/// <summary>Names an account.</summary>
[JsonConverter(typeof(TextIdConverter<AccountId>))]
public readonly record struct AccountId : ITextId<AccountId>
{
    private readonly string? _value;

    private AccountId(string value) => _value = value;

    /// <summary>The account that runs the broker. It exists from the first start.</summary>
    public static AccountId Operator { get; } = new("operator");

    public static string Rule => "an account id is 3 to 32 lower-case letters and digits";

    public static bool TryParse(string? text, out AccountId id)
    {
        var valid = text is { Length: >= 3 and <= 32 } && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9'));
        id = valid ? new AccountId(text!) : default;
        return valid;
    }

    public static AccountId Parse(string text) => TextId.Parse<AccountId>(text);

    public override string ToString() => _value ?? "";
}
