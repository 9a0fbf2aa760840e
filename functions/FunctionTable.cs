using System.Collections.Immutable;
using System.Text.Json;
using Broker.Core.Documents;
using Broker.Functions.Jobs;
using Broker.Storage;

namespace Broker.Functions;

/// <summary>A function that a queue's message starts.</summary>
/// <param name="Name">Its name, and that of the folder with its <c>function.json</c>.</param>
/// <param name="Queue">The queue.</param>
/// <param name="RunAsync">Takes a message's text. It may come twice, late, or out of order.</param>
public sealed record QueueFunction(string Name, string Queue, Func<string, OperationMeter.Scope, CancellationToken, Task> RunAsync);

/// <summary>A function that time starts.</summary>
/// <param name="Name">Its name, and that of the folder with its <c>function.json</c>.</param>
/// <param name="RunAsync">Does the work that is due.</param>
public sealed record TimerFunction(string Name, Func<CancellationToken, Task> RunAsync)
{
    /// <summary>How often it runs where no Functions host started the program; null: as often as <see cref="BrokerSettings.SweepSeconds"/> says.</summary>
    public TimeSpan? Period { get; init; }
}

/// <summary>Every function of the app that is not HTTP, registered once for both ways of hosting.</summary>
public sealed record FunctionTable(ImmutableArray<QueueFunction> Queues, ImmutableArray<TimerFunction> Timers)
{
    /// <summary>The queues that the functions listen to, and where their hopeless messages go.</summary>
    public static ImmutableArray<string> QueueNamesToCreate { get; } =
    [
        QueueNames.MatchRounds, QueueNames.Poison(QueueNames.MatchRounds),
        QueueNames.Reports, QueueNames.Poison(QueueNames.Reports),
    ];

    public static FunctionTable Create(MatchJobs matchJobs, HandleReport handleReport, Sweep sweep, Audit audit, TimeProvider clock) => new(
        [
            new QueueFunction(nameof(MatchJobs), QueueNames.MatchRounds, (body, scope, cancellation) =>
                matchJobs.RunAsync(Read<MatchRound>(body), scope, cancellation)),
            new QueueFunction(nameof(HandleReport), QueueNames.Reports, (body, scope, cancellation) =>
                handleReport.RunAsync(Read<ReportMessage>(body), clock.GetUtcNow(), scope, cancellation)),
        ],
        [
            new TimerFunction(nameof(Sweep), cancellation => sweep.RunAsync(clock.GetUtcNow(), cancellation)),
            new TimerFunction(nameof(Audit), cancellation => audit.RunAsync(clock.GetUtcNow(), cancellation)) { Period = TimeSpan.FromMinutes(10) },
        ]);

    private static T Read<T>(string body) =>
        JsonSerializer.Deserialize<T>(body, BrokerJson.Lenient) ?? throw new JsonException("the message is empty");
}
