using Azure.Data.Tables;
using Broker.Core.Api;
using Broker.Tests;

namespace Broker.Storage.Tests;

public sealed class AccountStoreTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_speaks_for_its_account_until_it_is_revoked()
    {
        var accounts = new AccountStore(await emulator.CreateStorageAsync());
        var key = await accounts.CreateKeyAsync(new Principal(Make.Submitter, [Role.Submitter], null), Token);
        var principal = await accounts.FindPrincipalAsync(key, Token);
        Assert.Equal(Make.Submitter, principal?.Account);
        Assert.True(principal!.Is(Role.Submitter));
        Assert.False(principal.Is(Role.Operator));

        await accounts.RevokeKeyAsync(Make.Submitter, AccountStore.HashOf(key), Token);
        Assert.Null(await accounts.FindPrincipalAsync(key, Token));
    }

    [Fact]
    public async Task A_key_is_made_although_the_answer_was_lost()
    {
        var prefix = EmulatorFixture.NextPrefix();
        var calm = new BrokerStorage(emulator.ConnectionString, prefix);
        await calm.CreateAsync([], Token);
        var lossy = new AnswerLosingTransport(request => request.Contains("accounts", StringComparison.Ordinal));
        var accounts = new AccountStore(new BrokerStorage(emulator.ConnectionString, prefix, lossy));
        var key = await accounts.CreateKeyAsync(new Principal(Make.Submitter, [Role.Submitter], null), Token);
        Assert.Equal(1, lossy.Lost);
        Assert.NotNull(await new AccountStore(calm).FindPrincipalAsync(key, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("bk_submitter_0000")]
    [InlineData("bk_' or 1 eq 1_0000")]
    [InlineData("nonsense")]
    public async Task What_is_no_key_speaks_for_nobody(string key) =>
        Assert.Null(await new AccountStore(await emulator.CreateStorageAsync()).FindPrincipalAsync(key, Token));

    [Fact]
    public async Task No_row_holds_a_key()
    {
        var storage = await emulator.CreateStorageAsync();
        var key = await new AccountStore(storage).CreateKeyAsync(new Principal(Make.Submitter, [Role.Submitter], null), Token);
        var secret = key.Split('_')[2];
        await foreach (var row in storage.Accounts.QueryAsync<TableEntity>(cancellationToken: Token))
            Assert.DoesNotContain(secret, string.Join('|', row.Select(column => column.Value)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_is_created_once()
    {
        var accounts = new AccountStore(await emulator.CreateStorageAsync());
        Assert.True(await accounts.TryCreateAsync(new AccountView(Make.Submitter, "first", [Role.Submitter]), Token));
        Assert.False(await accounts.TryCreateAsync(new AccountView(Make.Submitter, "second", [Role.Operator]), Token));
        Assert.Equal("first", (await accounts.FindAsync(Make.Submitter, Token))!.Name);
    }
}
