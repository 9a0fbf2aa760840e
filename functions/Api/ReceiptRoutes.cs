using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Functions.Checks;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Receipts, and the key that they are signed with.</summary>
internal static class ReceiptRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/jobs/{id}/receipt", ReadAsync).Require(Role.Submitter, Role.Operator)
            .Does("The receipt of the attempt that was judged last.", route => route.Answers<Receipt>().Refuses(409));
        api.MapGet("/jobs/{id}/receipts", ListAsync).Require(Role.Submitter, Role.Operator)
            .Does("The receipts of all attempts that were judged, in their order.", route => route.Answers<Page<Receipt>>());
        api.MapGet("/broker-key", async (BrokerKeyStore key, CancellationToken cancellation) => Answer.Ok(new BrokerKeyView(await key.ReadPublicKeyAsync(cancellation))))
            .Does("The key that the broker's receipts are signed with.", route => route.Answers<BrokerKeyView>());
    }

    private static async Task<IResult> ReadAsync(HttpContext http, string id, JobStore jobs, ReceiptIssue receipts)
    {
        if (await JobRoutes.FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        foreach (var attempt in stored.Job.Attempts.Reverse())
        {
            if (await receipts.FindAsync(stored.Job, attempt, http.RequestAborted) is { } receipt) return Answer.Ok(receipt);
        }

        return Problems.Conflict(stored.Job switch
        {
            { IsVerified: false } => "the job asks for no verification, so there is no receipt",
            { State: JobState.Completed or JobState.Failed or JobState.Cancelled or JobState.Expired } => "no result of the job was judged, so there is no receipt",
            _ => $"the job is {stored.Job.State.ToString().ToLowerInvariant()}: its receipt can be read once it was judged",
        });
    }

    private static async Task<IResult> ListAsync(HttpContext http, string id, JobStore jobs, ReceiptIssue receipts)
    {
        if (await JobRoutes.FindAsync(jobs, http, id) is not { } stored) return Problems.NotFound("job", id);
        var found = new List<Receipt>();
        foreach (var attempt in stored.Job.Attempts)
        {
            if (await receipts.FindAsync(stored.Job, attempt, http.RequestAborted) is { } receipt) found.Add(receipt);
        }

        return Answer.Ok(new Page<Receipt>([.. found]));
    }
}
