using System.Net;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage;
using Broker.Tests;

namespace Broker.Functions.Tests;

/// <summary>A result from its commitment to its receipt, over HTTP.</summary>
public sealed class VerificationTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Sample = """{ "mode": "sample" }""";
    private static readonly Verdict Passed = new() { Kind = VerdictKind.Passed, Blocks = 4, Sampled = 4, UnownedLeaves = 1 };
    private static readonly Verdict Failed = new() { Kind = VerdictKind.Failed, Blocks = 4, Sampled = 4, MismatchCount = 1, Reason = "block 2 differs" };

    [Fact]
    public async Task What_a_verifier_passes_is_completed_with_a_receipt_that_holds()
    {
        var (submitter, worker, order) = await BeginAsync("passes");
        (await worker.ReportAsync(order, Completed(order, worker))).Is(HttpStatusCode.Accepted);
        var verifier = await FindVerifierAsync(submitter, order);
        (await api.SendAsync($"GET /api/jobs/{order.Job}/outputs", submitter)).IsProblem(HttpStatusCode.Conflict);
        (await api.SendAsync($"GET /api/jobs/{order.Job}/receipt", submitter)).IsProblem(HttpStatusCode.Conflict);
        var check = (await verifier.BeginAsync(order.Job)).Is(HttpStatusCode.OK).Read<CheckOrder>();
        Assert.Equal(order.SeedCommit, Seed.Commit(check.Seed, new AttemptId(order.Job, 0, 1)));
        Assert.Single(check.Outputs.Single().Parts);

        (await verifier.JudgeAsync(order.Job, Passed)).Is(HttpStatusCode.Accepted);
        await api.WaitForEventAsync(submitter, order.Job, JobEventKind.Completed);
        var job = (await api.SendAsync($"GET /api/jobs/{order.Job}", submitter)).Read<JobView>();
        Assert.Equal((JobState.Completed, "exact", VerdictKind.Passed, 0.0), (job.State, job.Class, job.Verdict!.Kind, job.Verdict.MostWrong));
        var receipt = (await api.SendAsync($"GET /api/jobs/{order.Job}/receipt", submitter)).Is(HttpStatusCode.OK).Read<Receipt>();
        var key = (await api.SendAsync("GET /api/broker-key", null)).Read<BrokerKeyView>().PublicKey;
        Assert.All(ReceiptCheck.Check(receipt, key), finding => Assert.True(finding.Holds, $"{finding.Name}: {finding.Says}"));
        Assert.Equal(verifier.Verifier.Id, receipt.Verifier);
        (await verifier.JudgeAsync(order.Job, Failed)).IsProblem(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task What_a_verifier_finds_wrong_is_made_again_by_another_worker_and_leaves_a_receipt()
    {
        var (submitter, worker, order) = await BeginAsync("fails");
        (await worker.ReportAsync(order, Completed(order, worker))).Is(HttpStatusCode.Accepted);
        var verifier = await FindVerifierAsync(submitter, order);
        (await verifier.JudgeAsync(order.Job, Failed)).Is(HttpStatusCode.Accepted);
        var rejected = await api.WaitForEventAsync(submitter, order.Job, JobEventKind.Rejected);
        Assert.Contains("block 2 differs", rejected.Text, StringComparison.Ordinal);

        // The one worker of the pool does not get it again.
        var job = (await api.SendAsync($"GET /api/jobs/{order.Job}", submitter)).Read<JobView>();
        Assert.Equal(JobState.Queued, job.State);
        var receipt = Assert.Single((await api.SendAsync($"GET /api/jobs/{order.Job}/receipts", submitter)).Read<Page<Receipt>>().Items);
        Assert.Equal((VerdictKind.Failed, 1), (receipt.Verdict.Kind, receipt.Commitment.Statement.Attempt));
    }

    [Fact]
    public async Task A_commitment_to_anything_but_this_attempts_results_is_refused()
    {
        var (_, worker, order) = await BeginAsync("refused");
        var statement = Make.Commitment(order, worker.Worker.Id).Statement;
        var buffer = statement.Buffers[0];
        foreach (var (wrong, path) in ((Statement, string)[])
        [
            (statement with { SeedCommit = default }, "seedCommit"), (statement with { Attempt = 2 }, "attempt"), (statement with { JobHash = default }, "jobHash"),
            (statement with { Worker = WorkerId.Derive(Make.Provider, "other") }, "worker"), (statement with { Buffers = [] }, "buffers"),
            (statement with { Buffers = [buffer with { Bytes = 1023 }] }, "buffers"), (statement with { Run = "run00002" }, "run"),
        ])
        {
            var answer = await worker.ReportAsync(order, new AttemptReport(order.Run, RunOutcome.Completed, Make.Sign(wrong)));
            Assert.Contains(path, answer.Is(HttpStatusCode.UnprocessableEntity).Text, StringComparison.Ordinal);
        }

        var forged = new SignedStatement(statement, Make.Sign(statement with { Version = 2 }).Signature);
        Assert.Contains("signature", (await worker.ReportAsync(order, new AttemptReport(order.Run, RunOutcome.Completed, forged))).Is(HttpStatusCode.UnprocessableEntity).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_not_stored_as_it_was_signed_is_refused_before_any_check()
    {
        var (submitter, worker, order) = await BeginAsync("missing");
        foreach (var leaves in order.Leaves.Single().Parts) await ApiWorker.PutAsync(leaves, LeafList.Store(MerkleTree.Leaves(new byte[1024]).AsSpan()));
        (await worker.ReportAsync(order, Completed(order, worker))).Is(HttpStatusCode.Accepted);
        Assert.Contains("part 0 of 'out' was not stored", (await api.WaitForEventAsync(submitter, order.Job, JobEventKind.Rejected)).Text, StringComparison.Ordinal);

        (submitter, worker, order) = await BeginAsync("other-leaves");
        await ApiWorker.PutAsync(order.Outputs.Single().Parts[0], new byte[1024]);
        await ApiWorker.PutAsync(order.Leaves.Single().Parts[0], new byte[Digest.Size]);
        (await worker.ReportAsync(order, Completed(order, worker))).Is(HttpStatusCode.Accepted);
        Assert.Contains("another root than was signed", (await api.WaitForEventAsync(submitter, order.Job, JobEventKind.Rejected)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_statement_stands()
    {
        var (submitter, worker, order) = await BeginAsync("first");
        await worker.ReportAsync(order, Completed(order, worker));
        await api.WaitForEventAsync(submitter, order.Job, JobEventKind.Challenged);
        (await worker.ReportAsync(order, Completed(order, worker))).IsProblem(HttpStatusCode.Conflict);
        Assert.Equal(HttpStatusCode.Conflict, (await api.SendAsync($"POST /api/attempts/{order.Job}/0/1/start", worker.Worker.Key, """{ "run": "run00002" }""")).Status);
    }

    /// <summary>Everything that a provider, its worker or the submitter can ask for, before the verdict.</summary>
    [Fact]
    public async Task Nobody_but_the_verifier_reads_the_seed_before_the_verdict()
    {
        var (submitter, worker, order) = await BeginAsync("secret");
        var stored = await new JobStore(api.Storage).FindAsync(order.Job, TestContext.Current.CancellationToken);
        var seed = stored!.Job.Attempts[0].Seed.ToString();
        var provider = await api.MakeAccountAsync(Role.Provider);
        await WalkAsync();
        (await worker.ReportAsync(order, Completed(order, worker))).Is(HttpStatusCode.Accepted);
        var verifier = await FindVerifierAsync(submitter, order);
        await WalkAsync();
        Assert.Contains(seed, (await verifier.BeginAsync(order.Job)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.SendAsync($"POST /api/checks/{order.Job}/0/1/1/start", worker.Worker.Key)).Status);
        var other = await ApiVerifier.StartAsync(api);
        (await other.BeginAsync(order.Job)).IsProblem(HttpStatusCode.NotFound);
        (await other.JudgeAsync(order.Job, Passed)).IsProblem(HttpStatusCode.NotFound);

        async Task WalkAsync()
        {
            var paths = (await api.SendAsync("GET /api/openapi.json", null)).Json.GetProperty("paths").EnumerateObject()
                .Where(path => path.Value.TryGetProperty("get", out _)).Select(path => path.Name).ToList();
            Assert.Contains("/api/jobs/{id}/events", paths);
            foreach (var key in (string[])[submitter, provider, worker.Worker.Key, api.OperatorKey])
            {
                foreach (var path in paths)
                {
                    var answer = await api.SendAsync($"GET {path.Replace("{id}", $"{order.Job}", StringComparison.Ordinal).Replace("{buffer}", "out", StringComparison.Ordinal).Replace("{hash}", new string('a', 64), StringComparison.Ordinal)}", key);
                    Assert.DoesNotContain(seed, answer.Text, StringComparison.OrdinalIgnoreCase);
                }
            }

            Assert.DoesNotContain(seed, JsonSerializer.Serialize(order), StringComparison.OrdinalIgnoreCase);
            var beat = await api.SendAsync($"POST /api/workers/{worker.Worker.Id}/heartbeat", worker.Worker.Key, $$"""{ "running": [ { "job": "{{order.Job}}", "replica": 0, "attempt": 1, "run": "run00001" } ] }""");
            Assert.DoesNotContain(seed, beat.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task A_mode_that_the_class_does_not_allow_is_refused_with_the_line()
    {
        const string Ptx = """
            .version 7.0
            .target sm_70
            .address_size 64
            .visible .entry count(.param .u64 out)
            {
                .reg .u64 %rd<2>;
                ld.param.u64 %rd1, [out];
                red.global.add.u32 [%rd1], 1;
                ret;
            }
            """;
        var submitter = await api.MakeAccountAsync(Role.Submitter);
        string Document(string verification) => $$"""
            {
              "program": { "ptx": {{JsonSerializer.Serialize(Ptx)}} }, "pool": "nowhere",
              "buffers": { "out": { "role": "output", "bytes": 4 } },
              "steps": [ { "kernel": "count", "grid": [4], "block": [32], "arguments": [ { "buffer": "out" } ] } ],
              "verification": {{verification}}
            }
            """;
        var refused = (await api.SendAsync("POST /api/jobs", submitter, Document(Sample))).IsProblem(HttpStatusCode.UnprocessableEntity);
        Assert.Contains("exact-commutative", refused, StringComparison.Ordinal);
        Assert.Contains("line 8", refused, StringComparison.Ordinal);
        var taken = (await api.SendAsync("POST /api/jobs", submitter, Document("null"))).Is(HttpStatusCode.Created).Read<JobView>();
        Assert.Equal("full", taken.Document!.Value.GetProperty("verification").GetProperty("mode").GetString());
        Assert.Equal("exact-commutative", taken.Class);
    }

    private async Task<(string Submitter, ApiWorker Worker, AttemptOrder Order)> BeginAsync(string pool)
    {
        await ApiVerifier.StartAsync(api);
        var submitter = await api.MakeAccountAsync(Role.Submitter);
        var worker = await ApiWorker.StartAsync(api, pool);
        var job = await api.SubmitAsync(submitter, pool, Sample);
        var order = await worker.BeginAsync(submitter, job.Id);
        if (pool is not ("missing" or "other-leaves")) await ApiWorker.StoreAsync(order);
        return (submitter, worker, order);
    }

    /// <summary>Waits for the challenge, and gives the verifier that got it: any of those that live.</summary>
    private async Task<ApiVerifier> FindVerifierAsync(string submitter, AttemptOrder order)
    {
        await api.WaitForEventAsync(submitter, order.Job, JobEventKind.Challenged);
        var stored = await new JobStore(api.Storage).FindAsync(order.Job, TestContext.Current.CancellationToken);
        return ApiVerifier.Find(stored!.Job.Attempts[^1].Checks[^1].Verifier);
    }

    private static AttemptReport Completed(AttemptOrder order, ApiWorker worker) => new(order.Run, RunOutcome.Completed, Make.Commitment(order, worker.Worker.Id));
}
