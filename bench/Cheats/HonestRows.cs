using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;
using Broker.Tests;
using Broker.Verification;

namespace Broker.Bench.Cheats;

/// <summary>Honest workers: none may be accused.</summary>
internal static class HonestRows
{
    private const int JobsOfOneRun = 20;

    public static IReadOnlyList<CheatRow> All { get; } =
    [
        new("H1", "honest, every kernel of the repository, with odd numbers and ragged edges", HonestJobsAsync),
        new("H2", "the same through 1, 8 and 16 lanes", LanesAsync),
        CheatRow.Later("H3", "messages twice, restarts", "needs a broker with queues: it is a test of the broker"),
    ];

    private static async Task<RowCount> HonestJobsAsync(TrialCounts counts)
    {
        var (trials, accused) = (0, 0);
        foreach (var name in KernelJobs.Names)
        {
            for (var seed = 0; seed < Math.Max(1, counts.Jobs / JobsOfOneRun); seed++)
            {
                using var broker = new MemoryBroker(AsItsClassSays(KernelJobs.Make(name, seed: seed)));
                var result = broker.Job.Run();
                for (var job = 0; job < Math.Min(counts.Jobs, JobsOfOneRun); job++)
                {
                    var outcome = await broker.RunAsync(job, result);
                    trials++;
                    if (outcome.Verdict?.Kind != VerdictKind.Passed || !outcome.IsPaid) accused++;
                }
            }
        }

        return new RowCount(trials, accused, 0);
    }

    private static async Task<RowCount> LanesAsync(TrialCounts counts)
    {
        var (trials, accused) = (0, 0);
        int[] lanes = [1, 8, 16];
        foreach (var name in KernelJobs.Names)
        {
            var job = KernelJobs.Make(name);
            var results = lanes.Select(its => job.Run(new RunOptions { Lanes = its })).ToList();
            foreach (var its in counts.Jobs > TrialCounts.Quick.Jobs ? lanes : [16])
            {
                using var broker = new MemoryBroker(job, new RunOptions { Lanes = its });
                foreach (var result in results)
                {
                    trials++;
                    if ((await broker.RunAsync(1, result)).Verdict?.Kind != VerdictKind.Passed) accused++;
                }
            }
        }

        return new RowCount(trials, accused, 0);
    }

    private static MemoryJob AsItsClassSays(MemoryJob job)
    {
        var found = JobClass.Of(Module.Parse(job.Program), job.Document).Class;
        return found == KernelClass.Exact ? job.With(TinyJobs.Sample()) : job;
    }
}
