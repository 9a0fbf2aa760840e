using System.Security.Cryptography;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Storage;

namespace Broker.Functions.Api;

/// <summary>Accounts: made by the operator, seen by their owners.</summary>
internal static class AccountRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/accounts", CreateAsync).Require(Role.Operator);
        api.MapGet("/accounts/me", ReadOwnAsync).Require();
    }

    private static async Task<IResult> CreateAsync(HttpRequest request, AccountStore accounts, CancellationToken cancellation)
    {
        var (body, refusal) = await RequestBody.ReadAsync<NewAccount>(request, cancellation);
        if (body is null) return refusal!;
        if (body.Name.Length is 0 or > 100) return Problems.Invalid(new DocumentError("$.name", "must have 1 to 100 characters"));
        var roles = body.Roles.IsDefault ? [] : body.Roles.Distinct().ToArray();
        if (roles.Length == 0 || roles.Contains(Role.Worker))
            return Problems.Invalid(new DocumentError("$.roles", "must be one or more of submitter, provider and operator"));
        var account = new AccountView(AccountId.Parse(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))), body.Name, [.. roles]);
        var key = await accounts.CreateKeyAsync(new Principal(account.Id, account.Roles, null), cancellation);
        await accounts.TryCreateAsync(account, cancellation);
        return Answer.Created(new AccountCreated(account.Id, account.Name, account.Roles, key));
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
