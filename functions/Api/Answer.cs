using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broker.Core.Documents;
using Microsoft.Net.Http.Headers;

namespace Broker.Functions.Api;

/// <summary>Writes answers in the broker's JSON.</summary>
internal static class Answer
{
    public static IResult Ok<T>(T value) => Results.Json(value, BrokerJson.Options);

    public static IResult Created<T>(T value) => Results.Json(value, BrokerJson.Options, statusCode: StatusCodes.Status201Created);

    /// <summary>Answers with a version that a later request can name, to be told only what is newer.</summary>
    public static IResult Tagged<T>(HttpContext http, T value) =>
        Tagged(http, JsonSerializer.SerializeToUtf8Bytes(value, BrokerJson.Options), "application/json; charset=utf-8");

    public static IResult TaggedText(HttpContext http, string text) => Tagged(http, Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");

    public static IResult Accepted() => Results.Json(new { }, BrokerJson.Options, statusCode: StatusCodes.Status202Accepted);

    /// <summary>The hash of the bytes is their version: what a job waits for comes from other rows than its own.</summary>
    private static IResult Tagged(HttpContext http, byte[] bytes, string type)
    {
        var tag = new EntityTagHeaderValue($"\"{Base64Url.EncodeToString(SHA256.HashData(bytes).AsSpan(0, 16))}\"");
        http.Response.GetTypedHeaders().ETag = tag;
        var known = http.Request.GetTypedHeaders().IfNoneMatch.Any(asked => asked.Equals(EntityTagHeaderValue.Any) || asked.Compare(tag, useStrongComparison: false));
        return known ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(bytes, type);
    }
}
