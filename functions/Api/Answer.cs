using System.Text;
using Broker.Core.Documents;

namespace Broker.Functions.Api;

/// <summary>Writes answers in the broker's JSON.</summary>
internal static class Answer
{
    public static IResult Ok<T>(T value) => Results.Json(value, BrokerJson.Options);

    public static IResult Created<T>(T value) => Results.Json(value, BrokerJson.Options, statusCode: StatusCodes.Status201Created);

    public static IResult Text(string text) => Results.Text(text, "text/plain", Encoding.UTF8);

    public static IResult Accepted() => Results.Json(new { }, BrokerJson.Options, statusCode: StatusCodes.Status202Accepted);
}
