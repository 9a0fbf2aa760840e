using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;

namespace Broker.Functions.Api;

/// <summary>Reads request bodies.</summary>
internal static class RequestBody
{
    /// <summary>Reads a document, or answers why it is none.</summary>
    public static async Task<(T? Value, IResult? Refusal)> ReadAsync<T>(HttpRequest request, CancellationToken cancellation) where T : class
    {
        var (bytes, refusal) = await ReadBytesAsync(request, ApiLimits.DocumentBytes, cancellation);
        if (refusal is not null) return (null, refusal);
        try
        {
            if (JsonSerializer.Deserialize<T>(bytes.Span, BrokerJson.Options) is not { } value)
                return (null, Problems.Invalid(new DocumentError("$", "must be an object, not null")));
            return NullItems.Find(bytes) is { } path ? (null, Problems.InvalidParameter(path, "is null: leave it out of its array")) : (value, null);
        }
        catch (JsonException e)
        {
            return (null, Problems.Invalid(new DocumentError(e.Path ?? "$", Describe(e))));
        }
    }

    /// <summary>The serializer's words without its .NET names and positions.</summary>
    private static string Describe(JsonException e)
    {
        var message = e.Message.Split(" Path:", 2)[0].Split(" LineNumber:", 2)[0];
        if (message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal)) return "unknown member";
        if (message.Contains("missing required properties", StringComparison.Ordinal)) return "is missing" + message[message.LastIndexOf(':')..].TrimEnd('.');
        return message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) ? "has the wrong type" : message;
    }

    public static async Task<(ReadOnlyMemory<byte> Bytes, IResult? Refusal)> ReadBytesAsync(
        HttpRequest request, long most, CancellationToken cancellation)
    {
        if (request.ContentLength is not { } length) return (default, Problems.LengthRequired());
        if (length > most) return (default, Problems.TooLarge("the body", most));
        var bytes = new byte[length];
        await request.Body.ReadExactlyAsync(bytes, cancellation);
        return (bytes, null);
    }
}
