using Broker.Functions.Api;
using Broker.Functions.Checks;
using Broker.Functions.Hosting;
using Broker.Functions.Jobs;
using Broker.Storage;
using Microsoft.Extensions.Options;

namespace Broker.Functions;

/// <summary>What the program is made of.</summary>
internal static class Composition
{
    public static IServiceCollection AddStores(this IServiceCollection services) => services
        .AddSingleton<JobStore>()
        .AddSingleton<JobIndexStore>()
        .AddSingleton<PoolStore>()
        .AddSingleton<PoolDirectory>()
        .AddSingleton<AssignmentStore>()
        .AddSingleton<OfferStore>()
        .AddSingleton<AccountStore>()
        .AddSingleton<WorkerStore>()
        .AddSingleton<ContentStore>()
        .AddSingleton<OutputStore>()
        .AddSingleton<LogStore>()
        .AddSingleton<ReceiptStore>()
        .AddSingleton<ReputationStore>()
        .AddSingleton<VerifierDirectory>()
        .AddSingleton<BrokerKeyStore>()
        .AddSingleton<ChainEndStore>()
        .AddSingleton<DayRootStore>()
        .AddSingleton<SweepMarks>()
        .AddSingleton<MessageQueues>();

    public static IServiceCollection AddDecisions(this IServiceCollection services) => services
        .AddSingleton<ProgramLibrary>()
        .AddSingleton<JobClasses>()
        .AddSingleton<DocumentResolution>()
        .AddSingleton<Submission>()
        .AddSingleton<Doorbell>()
        .AddSingleton<QuietPools>()
        .AddSingleton<Consequences>()
        .AddSingleton<Paperwork>()
        .AddSingleton<JobChanges>()
        .AddSingleton<AttemptIntake>()
        .AddSingleton<JobRemoval>()
        .AddSingleton<JobBells>()
        .AddSingleton<EventFeed>()
        .AddSingleton<AttemptStart>()
        .AddSingleton<MatchJobs>()
        .AddSingleton<Verifiers>()
        .AddSingleton<CommitmentCheck>()
        .AddSingleton<CheckStart>()
        .AddSingleton<CheckAgain>()
        .AddSingleton<CheckIntake>()
        .AddSingleton<ReceiptIssue>()
        .AddSingleton<HandleReport>()
        .AddSingleton<SlotRepair>()
        .AddSingleton<SlotSweep>()
        .AddSingleton<CheckSweep>()
        .AddSingleton<SubmissionSweep>()
        .AddSingleton<PoolSweep>()
        .AddSingleton<PoisonSweep>()
        .AddSingleton<Sweepers>()
        .AddSingleton<Sweep>()
        .AddSingleton<Audit>()
        .AddSingleton(provider => FunctionTable.Create(
            provider.GetRequiredService<MatchJobs>(), provider.GetRequiredService<HandleReport>(),
            provider.GetRequiredService<Sweep>(), provider.GetRequiredService<Audit>(), provider.GetRequiredService<TimeProvider>()));

    public static IServiceCollection AddRoutes(this IServiceCollection services) => services
        .AddSingleton<Authenticator>()
        .AddSingleton<OpenApiRoute>()
        .AddSingleton<HeartbeatIntake>()
        .AddSingleton<WorkerRegistration>()
        .AddSingleton<OfferIntake>()
        .AddSingleton<JobSubmissionRoute>()
        .AddSingleton<OfferRoutes>();

    /// <param name="services">The program.</param>
    /// <param name="output">Is told the operator's key, and that the storage is ready.</param>
    public static IServiceCollection AddFirstStart(this IServiceCollection services, TextWriter output) => services
        .AddSingleton(provider => new FirstStart(
            provider.GetRequiredService<BrokerStorage>(), provider.GetRequiredService<AccountStore>(), output, provider.GetRequiredService<ILogger<FirstStart>>()))
        .AddHostedService(provider => provider.GetRequiredService<FirstStart>());

    /// <summary>Listens to queues and time, where no Functions host does.</summary>
    public static IServiceCollection AddListeners(this IServiceCollection services) => services
        .AddHostedService(provider => new Listeners(
            provider.GetRequiredService<FunctionTable>(),
            provider.GetRequiredService<MessageQueues>(),
            TimeSpan.FromSeconds(provider.GetRequiredService<IOptions<BrokerSettings>>().Value.SweepSeconds),
            provider));
}
