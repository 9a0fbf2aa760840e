using System.Net;
using Broker.Cli.Connection;
using Broker.Cli.Tests.Receipts;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Cli.Tests.Commands;

[Collection(nameof(AloneWithTheLogin))]
public sealed class LoginCommandTests : IDisposable
{
    [Fact]
    public async Task Commands_after_a_login_need_no_options()
    {
        await using var broker = Knowing().Answer("GET /api/workers", new Page<WorkerView>([]));
        var login = (await CommandRun.RunAsync(broker, "login")).Ends(ExitCode.Ok);
        Assert.Contains("as alice (submitter, provider).", login.Output, StringComparison.Ordinal);
        (await CommandRun.RunAsync("workers")).Ends(ExitCode.Ok);
        Assert.Equal($"Bearer {FakeBroker.Key}", broker.Received[^1].Authorization);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(StoredLogin.FilePath));
    }

    [Fact]
    public async Task The_stored_key_is_not_sent_to_another_broker()
    {
        await using FakeBroker own = Knowing(), other = new();
        (await CommandRun.RunAsync(own, "login")).Ends(ExitCode.Ok);
        var run = (await CommandRun.RunAsync("workers", "--url", other.Url.AbsoluteUri)).Ends(ExitCode.Refused);
        Assert.Contains($"No key for {other.Url.AbsoluteUri} is known", run.Error, StringComparison.Ordinal);
        Assert.Empty(other.Received);
    }

    [Fact]
    public async Task The_brokers_key_is_stored_so_that_a_receipt_is_known_offline()
    {
        using var job = new JudgedJob();
        await job.SaveAsync(await job.JudgeAsync(job.Honest));
        await using (var broker = Knowing().Answer("GET /api/broker-key", new BrokerKeyView(job.BrokerKey))) (await CommandRun.RunAsync(broker, "login")).Ends(ExitCode.Ok);
        (await CommandRun.RunAsync("receipt", "verify", job.ReceiptPath, "--outputs", job.ResultFolder)).Ends(ExitCode.Ok);
        Assert.Equal(job.BrokerKey, StoredLogin.Find()!.BrokerKey);

        // The receipt is another broker's now.
        using var other = new JudgedJob();
        await using (var broker = Knowing().Answer("GET /api/broker-key", new BrokerKeyView(other.BrokerKey))) (await CommandRun.RunAsync(broker, "login")).Ends(ExitCode.Ok);
        var run = (await CommandRun.RunAsync("receipt", "verify", job.ReceiptPath, "--outputs", job.ResultFolder)).Ends(ExitCode.Failed);
        Assert.Contains("WRONG    broker key", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_whose_key_changes_is_told_and_one_without_a_key_is_logged_in_to()
    {
        using JudgedJob before = new(), after = new();
        await using var broker = Knowing()
            .Answer("GET /api/broker-key", new BrokerKeyView(before.BrokerKey))
            .Answer("GET /api/broker-key", new BrokerKeyView(after.BrokerKey))
            .Answer("GET /api/broker-key", new BrokerKeyView("no key"));
        Assert.DoesNotContain("--broker-key", (await CommandRun.RunAsync(broker, "login")).Ends(ExitCode.Ok).Error, StringComparison.Ordinal);
        Assert.Contains($"--broker-key {before.BrokerKey}", (await CommandRun.RunAsync(broker, "login")).Ends(ExitCode.Ok).Error, StringComparison.Ordinal);
        (await CommandRun.RunAsync(broker, "login")).Ends(ExitCode.Refused);
        await using var old = Knowing();
        (await CommandRun.RunAsync(old, "login")).Ends(ExitCode.Ok);
        Assert.Null(StoredLogin.Find()!.BrokerKey);
    }

    [Fact]
    public async Task A_key_that_does_not_work_is_not_stored()
    {
        await using var broker = new FakeBroker().Refuse("GET /api/accounts/me", HttpStatusCode.Unauthorized, "unknown-key", "the key is not known");
        (await CommandRun.RunAsync(broker, "login")).Ends(ExitCode.Refused);
        Assert.False(File.Exists(StoredLogin.FilePath));
    }

    [Fact]
    public async Task Without_a_login_the_way_to_a_broker_is_told()
    {
        var run = (await CommandRun.RunAsync("jobs")).Ends(ExitCode.Refused);
        Assert.StartsWith("error: No broker is named: pass --url, set BROKER_URL, or run `broker login", run.Error, StringComparison.Ordinal);
        run = (await CommandRun.RunAsync("login", "--url", "http://127.0.0.1:9")).Ends(ExitCode.BadInput);
        Assert.StartsWith("error: --key KEY is missing", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_login_is_2_and_named()
    {
        await File.WriteAllTextAsync(StoredLogin.FilePath, "{", TestContext.Current.CancellationToken);
        var run = (await CommandRun.RunAsync("jobs")).Ends(ExitCode.BadInput);
        Assert.Contains($"The stored login in {StoredLogin.FilePath} is damaged", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(StoredLogin.FilePath);

    private static FakeBroker Knowing() =>
        new FakeBroker().Answer("GET /api/accounts/me", new AccountView(AccountId.Parse("alice"), "alice", [Role.Submitter, Role.Provider]));
}
