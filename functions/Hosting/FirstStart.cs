using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Storage;

namespace Broker.Functions.Hosting;

/// <summary>Makes what a new storage account lacks: tables, queues, containers, and the operator with a key.</summary>
/// <remarks>
/// In the background, again and again until it is done: storage that is down when the program starts is waited for. A program that
/// crashed over it instead would be started twice more by the Functions host, which then ends itself.
/// </remarks>
internal sealed partial class FirstStart(BrokerStorage storage, AccountStore accounts, TextWriter output, ILogger<FirstStart> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the storage account has all that the program works with.</summary>
    public Task Done => _done.Task;

    /// <param name="storage">The storage account.</param>
    /// <param name="accounts">Its accounts.</param>
    /// <param name="show">Is told the operator's key at the very first start.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <remarks>
    /// The operator's account comes last: a start that was cut off before shows another key at the next one, rather than none ever.
    /// Every key that was shown is good, those of two programs that start at once as well.
    /// </remarks>
    public static async Task RunAsync(BrokerStorage storage, AccountStore accounts, Action<string> show, CancellationToken cancellation)
    {
        await storage.CreateAsync(FunctionTable.QueueNamesToCreate, cancellation);
        if (await accounts.FindAsync(AccountId.Operator, cancellation) is not null) return;
        var roles = new[] { Role.Operator, Role.Submitter, Role.Provider, Role.Verifier };
        show(await accounts.CreateKeyAsync(new Principal(AccountId.Operator, [.. roles], null), cancellation));
        await accounts.TryCreateAsync(new AccountView(AccountId.Operator, "operator", [.. roles]), cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(storage, accounts, key => output.WriteLine($"operator key (shown once): {key}"), stoppingToken);
                await output.WriteLineAsync("storage is ready");
                _done.SetResult();
                return;
            }
            catch (Exception e) when (StorageTrouble.Is(e))
            {
                LogWaiting(e.Message.Split('\n', 2)[0].TrimEnd());
            }

            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The storage account is not ready: {Message}")]
    private partial void LogWaiting(string message);
}
