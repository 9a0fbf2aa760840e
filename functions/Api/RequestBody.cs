using System.Text.Json;
using Broker.Core.Documents;

namespace Broker.Functions.Api;

/// <summary>Reads request bodies.</summary>
internal static class RequestBody
{
    private const int MostBytes = 256 * 1024;

    /// <summary>Reads a document, or answers why it is none.</summary>
    public static async Task<(T? Value, IResult? Refusal)> ReadAsync<T>(HttpRequest request, CancellationToken cancellation) where T : class
    {
        var (bytes, refusal) = await ReadBytesAsync(request, MostBytes, cancellation);
        if (refusal is not null) return (null, refusal);
        try
        {
            return JsonSerializer.Deserialize<T>(bytes.Span, BrokerJson.Options) is { } value
                ? (value, null)
                : (null, Problems.Invalid(new DocumentError("$", "must be an object, not null")));
        }
        catch (JsonException e)
        {
            var message = e.Message.Split(" Path:", 2)[0].Split(" LineNumber:", 2)[0];
            return (null, Problems.Invalid(new DocumentError(e.Path ?? "$", message)));
        }
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
