using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Data.Tables;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>Who a key speaks for.</summary>
/// <param name="Account">The account.</param>
/// <param name="Roles">What the key may do.</param>
/// <param name="Worker">The worker or the verifier, for its own key.</param>
/// <param name="PublicKey">What the worker signs with.</param>
public sealed record Principal(AccountId Account, ImmutableArray<Role> Roles, WorkerId? Worker, string? PublicKey = null)
{
    public bool Is(Role role) => Roles.Contains(role);
}

/// <summary>Accounts and their keys. A key is stored as a hash; it carries its account, so that it is found by one read.</summary>
public sealed class AccountStore(BrokerStorage storage)
{
    private const string AccountRow = "account";
    private const string KeyPrefix = "key:";

    /// <summary>Creates an account under a new id, with a key. What is cut off leaves a key that nobody has.</summary>
    public async Task<AccountCreated> OpenAsync(NewAccount asked, CancellationToken cancellation)
    {
        var account = new AccountView(AccountId.Parse(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))), asked.Name, asked.Roles);
        var key = await CreateKeyAsync(new Principal(account.Id, account.Roles, null), cancellation);
        await TryCreateAsync(account, cancellation);
        return new AccountCreated(account.Id, account.Name, account.Roles, key);
    }

    /// <summary>Creates an account. False where it exists.</summary>
    public async Task<bool> TryCreateAsync(AccountView account, CancellationToken cancellation)
    {
        var row = TableRows.Make(account.Id.ToString(), AccountRow, account);
        return await storage.Accounts.CommitAsync([new TableTransactionAction(TableTransactionActionType.Add, row)], cancellation) is not null;
    }

    public async Task<AccountView?> FindAsync(AccountId id, CancellationToken cancellation)
    {
        var found = await storage.Accounts.GetEntityIfExistsAsync<TableEntity>(id.ToString(), AccountRow, cancellationToken: cancellation);
        return found.HasValue ? found.Value!.Read<AccountView>() : null;
    }

    /// <summary>Makes a key and stores its hash.</summary>
    /// <returns>The key. It cannot be read again.</returns>
    public async Task<string> CreateKeyAsync(Principal principal, CancellationToken cancellation)
    {
        // 32 random bytes: a plain hash of them is as good as a slow one.
        var key = $"bk_{principal.Account}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";

        // Nobody else has it, so a row that is there was left by a try of this write whose answer was lost.
        await storage.Accounts.UpsertEntityAsync(TableRows.Make(principal.Account.ToString(), KeyRow(key), principal), TableUpdateMode.Replace, cancellation);
        return key;
    }

    /// <summary>Ends a key by the hash that <see cref="HashOf"/> gives.</summary>
    public Task RevokeKeyAsync(AccountId account, string hash, CancellationToken cancellation) =>
        storage.Accounts.DeleteEntityAsync(account.ToString(), KeyPrefix + hash, ETag.All, cancellation);

    /// <summary>Whom a key speaks for; null for anything that is no key.</summary>
    public async Task<Principal?> FindPrincipalAsync(string key, CancellationToken cancellation)
    {
        var parts = key.Split('_');
        if (parts.Length != 3 || parts[0] != "bk" || !AccountId.TryParse(parts[1], out var account)) return null;
        var found = await storage.Accounts.GetEntityIfExistsAsync<TableEntity>(account.ToString(), KeyRow(key), cancellationToken: cancellation);
        return found.HasValue ? found.Value!.Read<Principal>() : null;
    }

    public static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static string KeyRow(string key) => KeyPrefix + HashOf(key);
}
