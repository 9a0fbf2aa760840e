using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Broker.Cli.Stack;
using Broker.Client;
using Broker.Core;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Bench.Overhead;

/// <summary>Measures what the broker adds to a job that does almost nothing: operations, time, processor.</summary>
internal static class OverheadBench
{
    private const string Name = "overhead";
    private const int VerifierOperations = 4;

    /// <summary>The stretches of a job's life that its history tells of.</summary>
    private static readonly (JobEventKind From, JobEventKind To)[] Stages =
    [
        (JobEventKind.Submitted, JobEventKind.Assigned), (JobEventKind.Assigned, JobEventKind.Started), (JobEventKind.Started, JobEventKind.Completed),
    ];

    public static Command Command()
    {
        var quick = new Option<bool>("--quick") { Description = "Fewer repeats, under 45 s" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var jobs = new Option<int?>("--jobs") { Description = "How many jobs the load has (2000; 40 with --quick)" };
        var workers = new Option<int>("--workers") { Description = "How many workers", DefaultValueFactory = _ => 8 };
        var command = new Command(Name, "Runs a real stack: storage operations a job, latency over the emulator's own, throughput, memory") { quick, json, jobs, workers };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(quick), parsed.GetValue(json), parsed.GetValue(jobs), parsed.GetValue(workers), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(bool quick, bool json, int? jobs, int workers, CancellationToken cancellation)
    {
        var build = StackBuild.Find();
        build.RequireBuilt();
        var slurm = await Slurm.MeasureAsync(quick ? 10 : 50, quick ? 50 : 500, workers, cancellation);
        if (slurm.Why is { } why) await Console.Error.WriteLineAsync($"not compared with Slurm: {why}");
        await using var stack = await LocalBroker.StartAsync(
            new LocalBrokerOptions
            {
                FunctionsAssembly = build.FunctionsAssembly,
                WorkerAssembly = build.WorkerAssembly,
                Workers = [.. Enumerable.Range(1, workers).Select(i => new LocalWorker($"worker{i}", new Money(1000 + i)))],
            },
            cancellation);
        using var submitter = BrokerClient.Create(stack.Url, stack.SubmitterKey);
        using var operators = BrokerClient.Create(stack.Url, stack.OperatorKey);
        var job = await TinyJob.MakeAsync(submitter, VerificationMode.None, cancellation);

        // Code that has not run yet is compiled while it is measured.
        await RunManyAsync(submitter, job, quick ? 80 : 200, cancellation);
        for (var i = 0; i < 10; i++) await job.RunAsync(submitter, cancellation);

        await MeasureOneByOneAsync(stack, operators, submitter, job, quick ? 20 : 100, slurm, json, cancellation);
        await MeasureLoadAsync(stack, operators, submitter, job, slurm, jobs ?? (quick ? 40 : 2000), json, cancellation);
        await MeasureVerifiedAsync(stack, operators, submitter, quick ? 10 : 50, json, cancellation);
        return 0;
    }

    /// <summary>The same job with its one block executed again, one by one and then all at once.</summary>
    private static async Task MeasureVerifiedAsync(
        LocalBroker stack, BrokerClient operators, BrokerClient submitter, int repeats, bool json, CancellationToken cancellation)
    {
        var job = await TinyJob.MakeAsync(submitter, VerificationMode.Sample, cancellation);
        for (var i = 0; i < 5; i++) await job.RunAsync(submitter, cancellation);
        var runs = new List<TinyJob.Run>();
        for (var i = 0; i < repeats; i++) runs.Add(await job.RunAsync(submitter, cancellation));
        var operations = await operators.ReadStorageOperationsAsync(cancellation);

        // No money moves yet, and the verifier counts its own: it receives and deletes its message, and reads the list of leaves and the one leaf.
        new Figure(Name, "storage-operations-per-job", "verified", Math.Round(runs.Average(run => operations.Jobs[run.Job]) + VerifierOperations, 3), "operations") { Why = "verified, without money" }.Print(json);
        Print(json, "p50-ms", "verified", Median(runs.Select(run => run.Elapsed.TotalMilliseconds)));
        var (processor, watch) = (Processor(stack.Functions.ProcessId), Stopwatch.StartNew());
        await RunManyAsync(submitter, job, repeats, cancellation);
        Print(json, "jobs-per-second", "verified", repeats / watch.Elapsed.TotalSeconds);
        Print(json, "broker-cpu-ms-per-job", "verified", (Processor(stack.Functions.ProcessId) - processor).TotalMilliseconds / repeats);
    }

    private static async Task MeasureOneByOneAsync(
        LocalBroker stack, BrokerClient operators, BrokerClient submitter, TinyJob job, int repeats, SlurmTimes slurm, bool json, CancellationToken cancellation)
    {
        var before = await operators.ReadStorageOperationsAsync(cancellation);
        var runs = new List<TinyJob.Run>();
        for (var i = 0; i < repeats; i++) runs.Add(await job.RunAsync(submitter, cancellation));
        var after = await operators.ReadStorageOperationsAsync(cancellation);
        Print(json, "storage-operations-per-job", "run", runs.Average(run => after.Jobs[run.Job]));

        var kinds = after.Kinds.ToDictionary(kind => kind.Key, kind => (kind.Value - before.Kinds.GetValueOrDefault(kind.Key)) / (double)repeats);
        // The worker's own: it receives and deletes its message, and stores what it has.
        Add("queue.receive", 1);
        Add("queue.delete", 1);
        Add("blob.write", runs.Average(run => run.WorkerOperations) - 2);
        var floor = await EmulatorFloor.MeasureAsync(stack.Emulator.ConnectionString, repeats * 3, cancellation);
        var sum = kinds.Sum(kind => kind.Value * floor[kind.Key]);
        var p50 = Median(runs.Select(run => run.Elapsed.TotalMilliseconds));
        new Figure(Name, "p50-over-emulator-floor", "run", Math.Round(p50 / sum, 3), "ratio") { Peer = "emulator-ms", PeerValue = Math.Round(sum, 2) }.Print(json);
        Beside(slurm.RunMilliseconds, new Figure(Name, "p50-ms", "run", Math.Round(p50, 3), "ms")).Print(json);
        if (json) return;
        foreach (var (from, to) in Stages)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {from} to {to}: {Median(runs.Select(run => (run.Times[to] - run.Times[from]).TotalMilliseconds)):0.0} ms"));
        foreach (var (kind, count) in kinds.Where(kind => kind.Value > 0.01).OrderByDescending(kind => kind.Value))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {kind,-20}{count,6:0.00} a job, {floor[kind]:0.00} ms each"));

        void Add(string kind, double count) => kinds[kind] = kinds.GetValueOrDefault(kind) + count;
    }

    private static async Task MeasureLoadAsync(
        LocalBroker stack, BrokerClient operators, BrokerClient submitter, TinyJob job, SlurmTimes slurm, int jobs, bool json, CancellationToken cancellation)
    {
        var processes = new (string Name, int[] Ids)[]
        {
            ("functions", [stack.Functions.ProcessId]), ("workers", [.. stack.Workers.Select(worker => worker.ProcessId)]), ("emulator", [stack.Emulator.ProcessId]),
        };
        var processor = Processor(stack.Functions.ProcessId);
        var watch = Stopwatch.StartNew();
        var ids = await RunManyAsync(submitter, job, jobs / 2, cancellation);
        var memory = processes.Select(group => Memory(group.Ids)).ToArray();
        ids = [.. ids, .. await RunManyAsync(submitter, job, jobs - ids.Length, cancellation)];
        var seconds = watch.Elapsed.TotalSeconds;
        var used = Processor(stack.Functions.ProcessId) - processor;
        var operations = await operators.ReadStorageOperationsAsync(cancellation);
        Beside(slurm.ArrayJobsPerSecond, new Figure(Name, "jobs-per-second", "run", Math.Round(jobs / seconds, 3), "jobs/s")).Print(json);
        Print(json, "broker-cpu-ms-per-job", "run", used.TotalMilliseconds / jobs);
        Print(json, "storage-operations-per-job", $"load-{jobs}", ids.Average(id => operations.Jobs.GetValueOrDefault(id)));
        Print(json, "lost-jobs", $"load-{jobs}", jobs - await TinyJob.CountCompletedAsync(submitter, ids, cancellation));
        foreach (var (group, index) in processes.Select((group, index) => (group, index)))
        {
            new Figure(Name, "memory-mb-after-load", group.Name, Memory(group.Ids), "MB") { Peer = "half-way", PeerValue = memory[index] }.Print(json);
        }
    }

    private static async Task<JobId[]> RunManyAsync(BrokerClient submitter, TinyJob job, int jobs, CancellationToken cancellation)
    {
        var ids = await job.SubmitManyAsync(submitter, jobs, cancellation);
        while (await TinyJob.IsAnyOpenAsync(submitter, cancellation)) await Task.Delay(200, cancellation);
        return ids;
    }

    private static Figure Beside(double? value, Figure figure) =>
        value is { } peer ? figure with { Peer = "slurm", PeerValue = Math.Round(peer, 3) } : figure;

    private static double Memory(int[] processes) =>
        Math.Round(processes.Sum(id => { using var process = Process.GetProcessById(id); return process.WorkingSet64; }) / 1e6, 1);

    private static TimeSpan Processor(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static void Print(bool json, string figure, string @case, double value) =>
        new Figure(Name, figure, @case, Math.Round(value, 3), Unit(figure)).Print(json);

    private static string Unit(string figure) => figure switch
    {
        "p50-ms" or "broker-cpu-ms-per-job" => "ms",
        "jobs-per-second" => "jobs/s",
        "lost-jobs" => "jobs",
        _ => "operations",
    };
}
