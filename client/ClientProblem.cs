using System.Net;
using Broker.Core.Api;
using Broker.Core.Verification;

namespace Broker.Client;

/// <summary>Puts into the form of the broker's answers what went wrong before one came, or without one.</summary>
internal static class ClientProblem
{
    public static Problem Unreachable(Uri url, Exception cause) => new(
        "urn:broker:problem:unreachable", $"Cannot reach {Origin(url)}", 0,
        cause is OperationCanceledException ? "it did not answer in time" : Innermost(cause));

    public static Problem Unreadable(HttpResponseMessage answer) => new(
        "urn:broker:problem:unreadable-answer", "The answer is not a broker's", (int)answer.StatusCode, $"{Said(answer)}: check the URL");

    public static Problem StorageRefused(HttpResponseMessage answer) => new(
        "urn:broker:problem:storage-refused", "The storage refused the transfer", (int)answer.StatusCode,
        Said(answer) + (answer.StatusCode == HttpStatusCode.Forbidden ? ": the link has ended, ask for a new one" : ""));

    public static Problem RootMismatch(string buffer, Digest expected, Digest actual) => new(
        BrokerException.RootMismatch, $"Output '{buffer}' is not what the worker committed to", 0, $"its root is {actual}, not {expected}");

    private static string Said(HttpResponseMessage answer) =>
        $"{Origin(answer.RequestMessage!.RequestUri!)} said {(int)answer.StatusCode} {answer.ReasonPhrase}";

    // A storage URL carries its permission in the query, and an error message ends up in logs.
    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);

    private static string Innermost(Exception cause)
    {
        while (cause.InnerException is { } inner) cause = inner;
        return cause.Message;
    }
}
