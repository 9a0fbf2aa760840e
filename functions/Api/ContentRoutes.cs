using System.Security.Cryptography;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Content by hash: sent in a request, or staged by URL where it is larger.</summary>
internal static class ContentRoutes
{
    /// <summary>What the Functions host forwards.</summary>
    public const long MostBytes = 100_000_000;

    private static readonly TimeSpan StagingLife = TimeSpan.FromHours(6);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapPut("/content/{hash}", PutAsync).Require(Role.Submitter)
            .Does("Upload content under its SHA-256.", route => (route with { TakesType = "application/octet-stream" }).Answers<ContentView>(201));
        api.MapGet("/content/{hash}", ReadAsync).Require(Role.Submitter)
            .Does("Whether the account has this content.", route => route.AnswersTagged<ContentView>());
        api.MapDelete("/content/{hash}", DeleteAsync).Require(Role.Submitter)
            .Does("End the account's right to content; what no other account had is deleted.", route => route.Refuses(409));
        api.MapPost("/content/staging", Stage).Require(Role.Submitter)
            .Does("Where to upload content that is too large for a request.", route => route.Answers<StagingTicket>(201));
        api.MapPut("/content/{hash}/from-staging/{ticket}", TakeAsync).Require(Role.Submitter)
            .Does("Make a staged upload content.", route => route.Answers<ContentView>(201).Refuses(413, 422));
    }

    private static async Task<IResult> PutAsync(HttpContext http, string hash, ContentStore content, CancellationToken cancellation)
    {
        if (!ContentHash.TryParse(hash, out var expected)) return Problems.InvalidParameter("the hash", $"is not valid: {ContentHash.Rule}");
        var (bytes, refusal) = await RequestBody.ReadBytesAsync(http.Request, MostBytes, cancellation);
        if (refusal is not null) return refusal;
        var found = ContentHash.Of(bytes.Span);
        if (found != expected) return Mismatch(expected, found);
        await content.PutAsync(http.Principal().Account, expected, BinaryData.FromBytes(bytes), cancellation);
        return Answer.Created(new ContentView(expected, bytes.Length));
    }

    private static async Task<IResult> ReadAsync(HttpContext http, string hash, ContentStore content, CancellationToken cancellation)
    {
        var bytes = ContentHash.TryParse(hash, out var parsed)
            ? await content.FindBytesAsync(http.Principal().Account, parsed, cancellation)
            : null;
        return bytes is null ? Problems.NotFound("content", hash) : Answer.Tagged(http, new ContentView(parsed, bytes.Value));
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext http, string hash, ContentStore content, JobIndexStore index, ProgramLibrary programs, CancellationToken cancellation)
    {
        var account = http.Principal().Account;
        if (!ContentHash.TryParse(hash, out var parsed)) return Problems.NotFound("content", hash);
        if (await index.FindOpenAsync(account, parsed, cancellation) is { } job)
            return Problems.Conflict($"job {job}, which has not ended, needs it: cancel the job first, or wait for its end");
        var found = await content.RemoveAsync(account, parsed, cancellation);
        programs.Forget(account, parsed);
        return found ? Results.NoContent() : Problems.NotFound("content", hash);
    }

    private static IResult Stage(HttpContext http, ContentStore content, TimeProvider clock)
    {
        var ticket = $"{http.Principal().Account}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
        var until = clock.GetUtcNow() + StagingLife;
        return Answer.Created(new StagingTicket(ticket, content.StagingUrl(ticket, until), until));
    }

    private static async Task<IResult> TakeAsync(
        HttpContext http, string hash, string ticket, ContentStore content, TimeProvider clock, CancellationToken cancellation)
    {
        var account = http.Principal().Account;
        if (!ContentHash.TryParse(hash, out var expected)) return Problems.InvalidParameter("the hash", $"is not valid: {ContentHash.Rule}");
        if (!ticket.StartsWith($"{account}-", StringComparison.Ordinal)) return Problems.NotFound("staged upload", ticket);
        if (await content.FindBytesAsync(account, expected, cancellation) is { } stored)
        {
            // Taken by a try of this request that was cut off before its end, or uploaded in another way.
            await content.DropStagedAsync(ticket, cancellation);
            return Answer.Ok(new ContentView(expected, stored));
        }

        if (await content.FindStagedBytesAsync(ticket, cancellation) > JobLimits.BufferBytes)
            return Problems.TooLarge("a staged upload, as a buffer,", JobLimits.BufferBytes);
        var (bytes, found) = await content.TakeStagedAsync(account, ticket, expected, clock.GetUtcNow(), cancellation);
        if (bytes is { } taken) return Answer.Created(new ContentView(expected, taken));
        return found is { } other ? Mismatch(expected, other) : Problems.NotFound("staged upload", ticket);
    }

    private static IResult Mismatch(ContentHash expected, ContentHash found) =>
        Problems.Invalid(new DocumentError("$", $"the bytes have the hash {found}, not {expected}: nothing was stored"));
}
