using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Tests;
using static Broker.Tests.MemoryBuffer;
using static Broker.Tests.MemoryJob;

namespace Broker.Verification.Tests;

/// <summary>Jobs, and the check of what they leave.</summary>
internal static class Jobs
{
    public static IReadOnlyList<string> Names => KernelJobs.Names;

    public static string Kernel(string name) => KernelJobs.Kernel(name);

    public static MemoryJob Make(string name, VerificationMode mode = VerificationMode.Full) => KernelJobs.Make(name, mode);

    /// <summary>A job of a small program: four blocks of 32 threads, and a buffer that is larger than what they write.</summary>
    /// <param name="body">What each thread does; it finds its number in <c>%i</c>, its place in <c>%at</c>, its float in <c>%f</c>.</param>
    /// <param name="mode">How the result is verified.</param>
    /// <param name="bytes">The output's size.</param>
    /// <param name="repeat">How often it is launched.</param>
    public static MemoryJob Small(string body, VerificationMode mode = VerificationMode.Full, long bytes = 4 * 4096 + 100, int repeat = 1) => MemoryJob.Make(
        $$"""
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry test(.param .u64 out, .param .u64 in)
        {
        .reg .pred %p;
        .reg .u32 %r<9>, %tx, %i;
        .reg .u64 %out, %in, %at, %from, %rd<9>;
        .reg .f32 %f, %g;
        .shared .align 4 .b8 tile[128];
        ld.param.u64 %out, [out];
        ld.param.u64 %in, [in];
        mov.u32 %tx, %tid.x;
        mov.u32 %r0, %ctaid.x;
        mov.u32 %r1, %ntid.x;
        mad.lo.u32 %i, %r0, %r1, %tx;
        mad.wide.u32 %at, %i, 4, %out;
        mad.wide.u32 %from, %i, 4, %in;
        ld.global.f32 %f, [%from];
        {{body}}
        ret;
        }
        """,
        mode, [Output("out", bytes), Input("in", Floats(128, 9))], Step("test", Size(4), Size(32), "out", "in") with { Repeat = repeat });

    /// <summary>Commits to a result and has it checked.</summary>
    public static async Task<Verdict> CheckAsync(MemoryJob job, MemoryResult result, int seed = 1, RunOptions? options = null, Func<IReexecution, IReexecution>? through = null, bool commit = true)
    {
        var statement = Say(job, result, commit);
        using var reexecution = job.Reexecution(options);
        return await new ResultCheck(job.Document, job.Program, statement, Digest.Of([(byte)seed]), through?.Invoke(reexecution) ?? reexecution, result, job)
            .RunAsync(TestContext.Current.CancellationToken);
    }

    public static Statement Say(MemoryJob job, MemoryResult result, bool commit = true)
    {
        var roots = result.Copy().Commit();
        return new Statement
        {
            Job = JobId.Derive(AccountId.Parse("alice"), "1"),
            JobHash = JobHash.Of(job.Document),
            Replica = 0,
            Attempt = 1,
            Run = "run00001",
            Worker = WorkerId.Derive(AccountId.Parse("bob"), "1"),
            SeedCommit = default,
            Buffers = commit ? result.Commit() : roots,
            Usage = new Usage(1, 1, "cpu", 1),
        };
    }

    public static float[] Floats(int count, int seed) => KernelJobs.Floats(count, seed);
}
