using System.Text.Json.Serialization;

namespace Broker.Core.Ids;

/// <summary>Names a job.</summary>
[JsonConverter(typeof(TextIdConverter<JobId>))]
public readonly record struct JobId : ITextId<JobId>
{
    private const int Digits = 24;
    private readonly string? _value;

    private JobId(string value) => _value = value;

    public static string Rule => "a job id is 24 lower-case hex digits";

    public static bool TryParse(string? text, out JobId id)
    {
        var valid = IdText.IsHex(text, Digits);
        id = valid ? new JobId(text!) : default;
        return valid;
    }

    public static JobId Parse(string text) => TextId.Parse<JobId>(text);

    /// <summary>The id that a request with this idempotency key has, however often it is sent.</summary>
    public static JobId Derive(AccountId account, string idempotencyKey) =>
        new(IdText.Derive(Digits, "job", account.ToString(), idempotencyKey));

    public override string ToString() => _value ?? "";
}
