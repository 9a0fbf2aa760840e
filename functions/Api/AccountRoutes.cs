using Broker.Core.Api;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Accounts: made by the operator, seen by their owners.</summary>
internal static class AccountRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/accounts", CreateAsync).Require(Role.Operator)
            .Does("Make an account; its key is shown this once.", route => route.TakesDocument<NewAccount>().Answers<AccountCreated>(201));
        api.MapGet("/accounts/me", ReadOwnAsync).Require()
            .Does("The account whose key is sent.", route => route.AnswersTagged<AccountView>());
    }

    private static async Task<IResult> CreateAsync(HttpRequest request, AccountStore accounts, CancellationToken cancellation)
    {
        var (body, refusal) = await RequestBody.ReadAsync<NewAccount>(request, cancellation);
        if (body is null) return refusal!;
        if (RequestCheck.Check(body) is { IsEmpty: false } errors) return Problems.Invalid(errors);
        return Answer.Created(await accounts.OpenAsync(body, cancellation));
    }

    private static async Task<IResult> ReadOwnAsync(HttpContext http, AccountStore accounts, CancellationToken cancellation)
    {
        var principal = http.Principal();
        var account = await accounts.FindAsync(principal.Account, cancellation);
        return account is null
            ? Problems.NotFound("account", principal.Account.ToString())
            : Answer.Tagged(http, account with { Roles = principal.Roles });
    }
}
