using System.Collections.Immutable;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Jobs;
using Microsoft.AspNetCore.WebUtilities;

namespace Broker.Functions.Api;

/// <summary>Every error that the API answers: problem details of RFC 9457, each with what to do.</summary>
internal static class Problems
{
    public static IResult Unauthorized() => Make(
        "unauthorized", "No valid key", 401, "send 'Authorization: Bearer <key>' with a key that the operator gave you");

    public static IResult Forbidden(IEnumerable<Role> roles) => Make(
        "forbidden", "The key may not do this", 403, $"it takes a key with the role {string.Join(" or ", roles.Select(role => role.ToString().ToLowerInvariant()))}");

    /// <summary>What belongs to another account looks the same as what does not exist.</summary>
    public static IResult NotFound(string what, string id) => Make("not-found", "Not found", 404, $"there is no {what} '{id}' that this key may see");

    public static IResult Invalid(params ImmutableArray<DocumentError> errors)
    {
        var unsupported = errors.All(error => !error.Supported);
        return Make(
            unsupported ? "not-supported" : "invalid", unsupported ? "Not supported yet" : "The request is not valid", 422,
            errors.Length == 1 ? errors[0].ToString() : $"{errors.Length} things are wrong", errors);
    }

    public static IResult InvalidParameter(string name, string message) =>
        Make("invalid", "The request is not valid", 400, $"{name} {message}");

    public static IResult Conflict(string detail) => Make("conflict", "Not in this state", 409, detail);

    public static IResult Refused(LifecycleRefusal refusal, JobState state) => Make(
        "conflict", "Not in this state", 409, $"{Describe(refusal)} (the job is {state.ToString().ToLowerInvariant()})");

    public static IResult TooLarge(string what, long most) => Make("too-large", "Too large", 413, $"{what} may have at most {most} bytes");

    public static IResult LengthRequired() => Make(
        "length-required", "Length required", 411, "send Content-Length: the Functions host does not forward chunked bodies");

    public static IResult TooMany(string detail) => new RetryLater(Make("too-many", "Too many at once", 429, $"{detail}: that is the most at once, try again when one of them is over"));

    public static IResult Unavailable() => new RetryLater(Make(
        "unavailable", "Storage does not answer", 503, "nothing was lost: send the same request again in a few seconds"));

    public static IResult Internal() => Make("internal", "The broker made a mistake", 500, "its log says more");

    public static IResult NoRoute(string path) => Make("not-found", "No such route", 404, $"'{path}' is not a route of this API");

    /// <summary>What the server refused before a route could: by method, mostly.</summary>
    public static IResult Bare(HttpContext http)
    {
        var status = http.Response.StatusCode;
        if (status == StatusCodes.Status404NotFound) return NoRoute(http.Request.Path);
        return status == StatusCodes.Status405MethodNotAllowed
            ? Make("method-not-allowed", "No such method", status, $"'{http.Request.Path}' takes {http.Response.Headers.Allow}, not {http.Request.Method}")
            : Make("refused", ReasonPhrases.GetReasonPhrase(status), status, null);
    }

    private static string Describe(LifecycleRefusal refusal) => refusal switch
    {
        LifecycleRefusal.Ended => "the job has ended",
        LifecycleRefusal.StaleAttempt => "the attempt is not the current one: drop it",
        LifecycleRefusal.OtherWorker => "the attempt belongs to another worker",
        LifecycleRefusal.WrongState => "the attempt has no place for this now",
        LifecycleRefusal.TooLate => "the results are committed: it is too late to stop",
        LifecycleRefusal.TooEarly => "it is too early",
        _ => "no worker is needed",
    };

    private static IResult Make(string type, string title, int status, string? detail, ImmutableArray<DocumentError>? errors = null) => Results.Json(
        new Problem($"urn:broker:problem:{type}", title, status, detail, errors), BrokerJson.Options, "application/problem+json", status);

    private sealed class RetryLater(IResult problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = "2";
            return problem.ExecuteAsync(httpContext);
        }
    }
}
