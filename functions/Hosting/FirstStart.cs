using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Storage;

namespace Broker.Functions.Hosting;

/// <summary>Makes what a new storage account lacks: tables, queues, containers, and the operator with a key.</summary>
internal static class FirstStart
{
    /// <returns>The operator's key at the very first start; null at every later one.</returns>
    public static async Task<string?> RunAsync(BrokerStorage storage, AccountStore accounts, CancellationToken cancellation)
    {
        await storage.CreateAsync(FunctionTable.QueueNamesToCreate, cancellation);
        if (await accounts.FindAsync(AccountId.Operator, cancellation) is not null) return null;

        // The key before the account: a crash in between makes another key at the next start, rather than none ever.
        var roles = new[] { Role.Operator, Role.Submitter, Role.Provider };
        var key = await accounts.CreateKeyAsync(new Principal(AccountId.Operator, [.. roles], null), cancellation);
        return await accounts.TryCreateAsync(new AccountView(AccountId.Operator, "operator", [.. roles]), cancellation) ? key : null;
    }
}
