using System.CommandLine;
using Broker.Bench.Cheats;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Tests;
using Broker.Verification;

namespace Broker.Bench.VerifyCost;

/// <summary>Measures what it takes to verify a job, over what it takes to run it.</summary>
internal static class VerifyCostBench
{
    private const string Name = "verify-cost";

    private static readonly RunOptions OneCore = new() { MaxThreads = 1 };

    public static Command Command()
    {
        var quick = new Option<bool>("--quick") { Description = "A part of the largest job stands for all of it, under 45 s" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var cases = new Option<string[]>("--case") { Description = "Only this one; may be repeated", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
        cases.AcceptOnlyFromAmong([.. CostCase.All.Select(its => its.Name)]);
        var command = new Command(Name, "Runs jobs on one core and verifies them on the same: a sample, all blocks, the whole job again") { quick, json, cases };
        command.SetAction(async (parsed, _) =>
        {
            var names = parsed.GetValue(cases) ?? [];
            foreach (var (name, make) in CostCase.All.Where(its => names.Length == 0 || names.Contains(its.Name)))
            {
                foreach (var figure in await MeasureAsync(make(), parsed.GetValue(quick))) figure.Print(parsed.GetValue(json));
            }
        });
        return command;
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(CostCase its, bool quick)
    {
        var sliced = quick && its.Slices > 1;
        using var run = new WorkerRun(its.Job);
        var grid = its.Job.Document.Steps[0].Grid;
        var (measured, times) = sliced ? (its.Slice, its.Slices) : (new Dim3((uint)grid.X, (uint)grid.Y, (uint)grid.Z), 1);
        var jobSeconds = times * run.Time(measured);
        // Without a whole run the result comes from native code; that its sample passes says that the bits are the same.
        var result = sliced ? its.Native!(its.Job) : run.Result();
        var (sample, execution, whole) = await CheckAsync(its.Job.With(TinyJobs.Sample()), result);
        var again = times * run.Time(measured);
        double? full = sliced ? null : (await CheckAsync(its.Job.With(TinyJobs.Full), result)).Execution;
        var all = its.Job.Document.Buffers.Sum(buffer => buffer.Bytes);
        var job = sliced ? $"the job's seconds are those of {measured.Count} blocks times {times}" : null;

        Figure Share(string name, double? seconds, string? why = null) => new(Name, name, its.Name, seconds / jobSeconds, "of the job") { Peer = "job-seconds", PeerValue = jobSeconds, Why = why ?? job };
        return
        [
            Share("share-of-job-cost", execution),
            Share("whole-verification-share", whole),
            new Figure(Name, "bytes-fetched-share", its.Name, (double)sample.FetchedBytes / all, "of inputs and results"),
            new Figure(Name, "blocks-sampled", its.Name, sample.Sampled + sample.Added, $"of {sample.Blocks}"),
            Share("replicate", again),
            Share("full", full, sliced ? "takes as long as the job: it is measured without --quick" : null),
        ];
    }

    /// <summary>Commits to a result and checks it.</summary>
    /// <returns>The verdict; the seconds for the blocks alone, when the kernel is compiled as it was for the job; the seconds for all, from parsing the program on.</returns>
    private static async Task<(Verdict Verdict, double Execution, double Whole)> CheckAsync(MemoryJob job, MemoryResult result)
    {
        using var broker = new MemoryBroker(job, OneCore);
        var attempt = broker.Begin(1);
        var statement = MemoryBroker.Say(attempt, result.Commit());
        using var clock = new CoreClock();
        using var reexecution = job.Reexecution(OneCore);
        await reexecution.RunBlocksAsync([new BlockIndex(0, 0)], tracked: false, CancellationToken.None);
        var compiled = reexecution.Cost.CpuSeconds;
        var verdict = await new ResultCheck(job.Document, job.Program, statement, attempt.Attempts[0].Seed, reexecution, result, job).RunAsync(CancellationToken.None);
        return verdict.Kind == VerdictKind.Passed ? (verdict, verdict.CpuSeconds - compiled, clock.Seconds) : throw new InvalidOperationException($"{verdict.Kind}: {verdict.Reason}");
    }
}
