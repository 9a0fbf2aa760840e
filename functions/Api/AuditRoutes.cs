using System.Globalization;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Verification;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>What an operator needs to check every history: where each ended, and the roots over them.</summary>
internal static class AuditRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/audit/jobs", ListJobsAsync).Require(Role.Operator).Pages()
            .Query("pool", "Only jobs of this pool. A page may then have fewer items than were asked for, and be followed by another.")
            .Does("The jobs of all accounts that have ended, in the order of their ids.", route => route.Answers<Page<AuditJob>>());
        api.MapGet("/audit/roots", ListRootsAsync).Require(Role.Operator).Pages()
            .Does("The days that have a root over the histories of their jobs, the oldest first.", route => route.Answers<Page<DateOnly>>());
        api.MapGet("/audit/roots/{day}", ReadRootAsync).Require(Role.Operator)
            .Does("The root over the histories of the jobs that ended on a day, and the list that it is the root of.", route => route.Answers<DayRoot>());
    }

    private static async Task<IResult> ListJobsAsync(HttpRequest request, ChainEndStore ends, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        PoolName? pool = null;
        if (query.Text("pool") is { } name)
        {
            if (PoolName.TryParse(name, out var named)) pool = named;
            else query.Refuse("pool", $"is not valid: {PoolName.Rule}");
        }

        var (most, after) = (query.Size(), query.Position(text => JobId.TryParse(text, out _)));
        if (query.Refusal is { } refusal) return refusal;
        var page = await ends.ReadPageAsync(pool, after is null ? null : JobId.Parse(after), most, cancellation);
        return Answer.Ok(page with { Next = QueryReader.Write(page.Next) });
    }

    private static async Task<IResult> ListRootsAsync(HttpRequest request, DayRootStore roots, CancellationToken cancellation)
    {
        var query = new QueryReader(request);
        var (most, after) = (query.Size(), query.Position(text => TryReadDay(text, out _)));
        if (query.Refusal is { } refusal) return refusal;
        var days = (await roots.ListAsync(cancellation)).Where(day => after is null || (TryReadDay(after, out var last) && day > last)).Take(most + 1).ToList();
        return Answer.Ok(new Page<DateOnly>([.. days.Take(most)], days.Count > most ? QueryReader.Write($"{days[most - 1]:O}") : null));
    }

    private static async Task<IResult> ReadRootAsync(string day, DayRootStore roots, CancellationToken cancellation) =>
        TryReadDay(day, out var named) && await roots.FindAsync(named, cancellation) is { } root ? Answer.Ok(root) : Problems.NotFound("root of", day);

    private static bool TryReadDay(string text, out DateOnly day) => DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}
