using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Functions.Jobs;
using Broker.Storage;
using Broker.Tests;

namespace Broker.Functions.Tests;

public sealed class AuditTests(EmulatorFixture emulator) : IAsyncLifetime
{
    private static readonly DateOnly Day = DateOnly.FromDateTime(Make.Noon.UtcDateTime);

    /// <summary>The first moment at which the day is taken to be over.</summary>
    private static readonly DateTimeOffset Over = Make.Noon.AddHours(12) + Audit.Patience;

    private AppServices _app = null!;
    private AppServices _other = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var storage = await emulator.CreateStorageAsync();
        (_app, _other) = (new AppServices(storage, TimeProvider.System), new AppServices(storage, TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task A_root_is_made_once_for_a_day_and_not_before_it_is_over()
    {
        var first = await EndAsync("1", Make.Noon);
        await Get<Audit>().RunAsync(Make.Noon.AddHours(11), Token);
        await Get<Audit>().RunAsync(Over.AddTicks(-1), Token);
        Assert.Empty(await Get<DayRootStore>().ListAsync(Token));

        await Get<Audit>().RunAsync(Over, Token);
        var root = await ReadAsync(Day);
        Assert.Equal([new ChainEnd(first.Id, first.EventCount, Digest.Parse(first.LastEventHash))], root.Jobs);
        Assert.Null(root.FindBreak(Day, await Get<BrokerKeyStore>().ReadPublicKeyAsync(Token)));

        // Whatever is written into the day afterwards, the root stays as it is.
        await EndAsync("2", Make.Noon);
        await Get<Audit>().RunAsync(Over.AddHours(1), Token);
        await _other.Get<Audit>().RunAsync(Over.AddHours(1), Token);
        Assert.Equal(root.Signature, (await ReadAsync(Day)).Signature);
        Assert.Equal([Day], await Get<DayRootStore>().ListAsync(Token));
    }

    [Fact]
    public async Task Two_instances_at_once_make_one_root()
    {
        await EndAsync("1", Make.Noon);
        await Task.WhenAll(_app.Get<Audit>().RunAsync(Over, Token), _other.Get<Audit>().RunAsync(Over, Token));
        Assert.Equal([Day], await Get<DayRootStore>().ListAsync(Token));
        var root = await ReadAsync(Day);
        Assert.Null(root.FindBreak(Day, await _other.Get<BrokerKeyStore>().ReadPublicKeyAsync(Token)));
        Assert.False(await Get<DayRootStore>().TryCreateAsync(root with { Signature = "another" }, Token));
        Assert.Equal(root.Signature, (await ReadAsync(Day)).Signature);
    }

    [Fact]
    public async Task Each_day_since_the_first_job_ended_gets_a_root_with_the_jobs_that_ended_on_it()
    {
        var last = await EndAsync("last moment of the first day", Make.Noon.AddHours(12).AddTicks(-1));
        var next = await EndAsync("first moment of the third day", Make.Noon.AddHours(36));
        await Get<Submission>().WriteAsync(Make.Job("open"), Token);
        await Get<Audit>().RunAsync(Over.AddDays(2), Token);
        Assert.Equal([Day, Day.AddDays(1), Day.AddDays(2)], await Get<DayRootStore>().ListAsync(Token));
        Assert.Equal([last.Id], (await ReadAsync(Day)).Jobs.Select(end => end.Job));
        Assert.Empty((await ReadAsync(Day.AddDays(1))).Jobs);
        Assert.Equal([next.Id], (await ReadAsync(Day.AddDays(2))).Jobs.Select(end => end.Job));
    }

    [Fact]
    public async Task Where_nothing_has_ended_yet_there_is_nothing_to_root()
    {
        await Get<Submission>().WriteAsync(Make.Job("open"), Token);
        await Get<Audit>().RunAsync(Over.AddDays(2), Token);
        Assert.Empty(await Get<DayRootStore>().ListAsync(Token));
    }

    [Fact]
    public async Task A_deleted_job_keeps_its_place_in_the_root_of_its_day()
    {
        var job = await EndAsync("1", Make.Noon);
        await Get<Audit>().RunAsync(Over, Token);
        await Get<JobRemoval>().RunAsync(job, Token);
        await _other.Get<Audit>().RunAsync(Over.AddDays(1), Token);
        Assert.Equal([job.Id], (await ReadAsync(Day)).Jobs.Select(end => end.Job));
        Assert.Empty((await Get<ChainEndStore>().ReadPageAsync(null, null, 10, Token)).Items);
    }

    private T Get<T>() where T : notnull => _app.Get<T>();

    private async Task<DayRoot> ReadAsync(DateOnly day) => (await Get<DayRootStore>().FindAsync(day, Token))!;

    private async Task<JobRecord> EndAsync(string key, DateTimeOffset at)
    {
        await Get<Submission>().WriteAsync(Make.Job(key), Token);
        return (await Get<JobChanges>().ApplyAsync(Make.JobId(key), job => Lifecycle.Cancel(job, "test", at), Token)).Job!;
    }
}
