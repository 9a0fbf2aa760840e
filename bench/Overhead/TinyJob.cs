using System.Diagnostics;
using System.Text;
using Broker.Client;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Bench.Overhead;

/// <summary>The smallest job: one block that writes 4 KiB.</summary>
internal sealed class TinyJob
{
    private const int MostAtOnce = 16;

    private const string Ptx = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry fill(.param .u64 out)
        {
            .reg .b32 %r<3>;
            .reg .b64 %rd<5>;
            ld.param.u64 %rd1, [out];
            cvta.to.global.u64 %rd2, %rd1;
            mov.u32 %r1, %tid.x;
            mul.wide.u32 %rd3, %r1, 4;
            add.s64 %rd4, %rd2, %rd3;
            st.global.u32 [%rd4], %r1;
            ret;
        }
        """;

    private readonly byte[] _document;

    private TinyJob(byte[] document) => _document = document;

    /// <summary>Uploads its program once.</summary>
    /// <param name="submitter">Whose job it is.</param>
    /// <param name="mode">How its result is verified.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static async Task<TinyJob> MakeAsync(BrokerClient submitter, VerificationMode mode, CancellationToken cancellation)
    {
        var program = await submitter.UploadContentAsync(Encoding.UTF8.GetBytes(Ptx), cancellation);
        return new TinyJob(Encoding.UTF8.GetBytes($$"""
            { "name": "tiny", "program": { "content": "{{program.Hash}}" }, "buffers": { "out": { "role": "output", "bytes": 4096 } },
              "steps": [ { "kernel": "fill", "grid": [1], "block": [1024], "arguments": [ { "buffer": "out" } ] } ],
              "verification": { "mode": "{{BrokerJson.Word(mode)}}" } }
            """));
    }

    /// <summary>Submits it, waits for its end, reads its result.</summary>
    public async Task<Run> RunAsync(BrokerClient submitter, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var job = (await submitter.SubmitAsync(_document, cancellation: cancellation)).Id;
        var times = new Dictionary<JobEventKind, DateTimeOffset>();
        for (var seen = 0; ;)
        {
            var events = await submitter.ReadEventsAsync(job, new EventQuery { After = seen, Wait = TimeSpan.FromSeconds(30) }, cancellation);
            foreach (var entry in events.Items) times[entry.Kind] = entry.At;
            if (times.ContainsKey(JobEventKind.Completed)) break;
            if (events.Items.Any(entry => entry.Kind is JobEventKind.Failed or JobEventKind.Expired)) throw new InvalidOperationException($"job {job} failed");
            if (events.Items is [.., var last]) seen = last.Number;
        }

        using var bytes = new MemoryStream();
        await submitter.DownloadOutputAsync(await submitter.ReadOutputAsync(job, "out", cancellation), bytes, progress: null, cancellation);
        var elapsed = watch.Elapsed;
        if (BitConverter.ToInt32(bytes.ToArray(), 4092) != 1023) throw new InvalidOperationException($"the result of job {job} is wrong");
        var view = await submitter.ReadJobAsync(job, cancellation);
        return new Run(job, elapsed, times, view.Attempts[^1].Usage?.StorageOperations ?? 0);
    }

    public async Task<JobId[]> SubmitManyAsync(BrokerClient submitter, int jobs, CancellationToken cancellation)
    {
        var ids = new JobId[jobs];
        var options = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, jobs, options, async (i, token) => ids[i] = (await submitter.SubmitAsync(_document, cancellation: token)).Id);
        return ids;
    }

    public static async Task<bool> IsAnyOpenAsync(BrokerClient submitter, CancellationToken cancellation)
    {
        foreach (var state in (JobState[])[JobState.Queued, JobState.Running, JobState.Committed, JobState.Verifying])
        {
            // A page is one of open jobs, less those in another state: where it is empty, the next one may not be.
            var page = await submitter.ListJobsAsync(new JobQuery { State = state, Limit = 1 }, cancellation);
            if (page.Items.Length > 0 || page.Next is not null) return true;
        }

        return false;
    }

    public static async Task<int> CountCompletedAsync(BrokerClient submitter, JobId[] jobs, CancellationToken cancellation)
    {
        var wanted = jobs.ToHashSet();
        var completed = 0;
        string? next = null;
        do
        {
            var page = await submitter.ListJobsAsync(new JobQuery { State = JobState.Completed, Limit = 100, Continue = next }, cancellation);
            completed += page.Items.Count(item => wanted.Contains(item.Id));
            next = page.Next;
        }
        while (next is not null);
        return completed;
    }

    /// <summary>One job, from its submission until its result was read.</summary>
    /// <param name="Job">Its id.</param>
    /// <param name="Elapsed">How long it took.</param>
    /// <param name="Times">When what of it happened, by the broker's clock.</param>
    /// <param name="WorkerOperations">The storage operations that its worker made.</param>
    public sealed record Run(JobId Job, TimeSpan Elapsed, IReadOnlyDictionary<JobEventKind, DateTimeOffset> Times, int WorkerOperations);
}
