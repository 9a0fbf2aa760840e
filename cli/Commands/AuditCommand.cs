using System.CommandLine;
using System.Net;
using Broker.Cli.Auditing;
using Broker.Cli.Connection;
using Broker.Cli.Output;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Cli.Commands;

/// <summary><c>broker audit</c>: checks on this machine that no history, receipt or root of a day was changed.</summary>
internal static class AuditCommand
{
    public static Command Create(GlobalOptions global)
    {
        var pool = PoolOption.Create("Only the jobs of this pool");
        var since = TimeOption.Create("--since", "Only the jobs that ended then or later, and the roots of those days");
        var command = new CommandWithExamples(
            "audit", "Check that nothing in the histories of ended jobs, their receipts and the roots of days was changed; for operators",
            "broker audit --since 30d",
            "broker audit --pool default --json")
        {
            pool, since,
        };
        global.SetAction(command, async (parsed, terminal, cancellation) =>
        {
            using var client = global.Connect(parsed);
            var report = await RunAsync(client, parsed.GetValue(pool), parsed.GetValue(since), await ReadKeyAsync(), terminal, cancellation);
            terminal.Answer(report, () =>
            {
                if (report.Deleted > 0) terminal.Say($"{report.Deleted} jobs were deleted since: of those nothing is left to check.");
                if (report.First is { } first) terminal.Say($"The first break: {first}");
                terminal.Say(report.Describe());
            });
            return report.Holds ? ExitCode.Ok : ExitCode.Failed;

            async Task<string> ReadKeyAsync() => await global.FindBrokerKeyAsync(parsed, cancellation) ?? await BrokerKeys.ReadAsync(client, cancellation)
                ?? throw new CommandException(ExitCode.Refused, $"{client.Url.AbsoluteUri} has no key that receipts and roots could be held against: it is too old.");
        });
        return command;
    }

    private static async Task<AuditReport> RunAsync(BrokerClient client, PoolName? pool, DateTimeOffset? since, string brokerKey, Terminal terminal, CancellationToken cancellation)
    {
        var count = new AuditCount(terminal.Note);
        var audit = new JobsAudit(client, brokerKey, count);
        var jobs = new Dictionary<JobId, AuditJob>();
        string? next = null;
        do
        {
            var page = await ListAsync(client, pool, next, cancellation);
            foreach (var job in page.Items)
            {
                jobs[job.Id] = job;
                if (since is null || job.EndedAt >= since) await audit.RunAsync(job, cancellation);
            }

            next = page.Next;
            terminal.Note($"{count.Jobs} jobs, {count.Events} events, {count.Receipts} receipts are checked.");
        }
        while (next is not null);

        var first = DateOnly.FromDateTime((since ?? DateTimeOffset.MinValue).UtcDateTime);
        var days = await Pages.ReadAllAsync(token => client.ListRootDaysAsync(token, JobsAudit.PageSize, cancellation));
        await new RootsAudit(client, brokerKey, jobs, pool is null, count).RunAsync([.. days.Where(day => day >= first)], cancellation);
        return count.Report();
    }

    private static async Task<Page<AuditJob>> ListAsync(BrokerClient client, PoolName? pool, string? next, CancellationToken cancellation)
    {
        try
        {
            return await client.ListEndedJobsAsync(pool, next, JobsAudit.PageSize, cancellation);
        }
        catch (BrokerException e) when (e.Status == HttpStatusCode.Forbidden)
        {
            throw new CommandException(ExitCode.Refused, "An audit reads the jobs of all accounts: it takes an operator's key, with --key, BROKER_KEY or `broker login`. `broker up` shows one.", e);
        }
    }
}
