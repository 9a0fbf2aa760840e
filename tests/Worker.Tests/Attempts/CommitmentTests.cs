using System.Collections.Immutable;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Worker.Tests.Attempts;

public sealed class CommitmentTests : IDisposable
{
    private static readonly VerificationSpec Sampled = new() { Mode = VerificationMode.Sample };

    private readonly AttemptDesk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task A_statement_is_what_the_broker_expects_of_this_run()
    {
        var document = Documents.Saxpy() with { Verification = Sampled };
        var attempt = _desk.Assign(document);
        var report = await _desk.RunNextAsync();
        Assert.Empty(Check(document, attempt, report!));
        Assert.True(Signatures.Verify(report!.Commitment!.Statement.Encode(), report.Commitment.Signature, _desk.Key.PublicKey));
    }

    [Fact]
    public async Task A_statement_counts_what_a_long_log_cost()
    {
        var document = Documents.Saxpy() with { Verification = Sampled };
        document = document with { Steps = [.. Enumerable.Repeat(document.Steps[0], 60)] };
        var attempt = _desk.Assign(document);
        var report = await _desk.RunNextAsync();
        Assert.Empty(Check(document, attempt, report!));

        // Program and two inputs, a part and a list of leaves, the log, and the message received and deleted.
        Assert.Equal(8, report!.Commitment!.Statement.Usage.StorageOperations);
    }

    [Fact]
    public async Task The_stored_leaves_are_those_of_the_stored_bytes()
    {
        // Three leaves, the last of them short.
        var document = Documents.Store(blocks: 2100, bytes: 8404) with { Verification = Sampled };
        var attempt = _desk.Assign(document);
        var report = await _desk.RunNextAsync();
        var leaves = MerkleTree.Leaves(_desk.Storage.Blobs["outputs/out/0"]);
        Assert.Equal(3, leaves.Length);
        Assert.Equal(LeafList.Store(leaves.AsSpan()), _desk.Storage.Blobs["leaves/out/0"]);
        Assert.Equal(MerkleTree.Root(leaves.AsSpan()), report!.Commitment!.Statement.Buffers.Single().Root);
        Assert.Empty(Check(document, attempt, report));
    }

    [Fact]
    public async Task A_result_of_several_parts_has_one_root()
    {
        const long Bytes = (64L << 20) + 5000;
        var document = Documents.Store(blocks: 1, bytes: (int)Bytes, offset: (int)Bytes - 4) with { Verification = Sampled };
        document = document with { Steps = [document.Steps[0], document.Steps[0] with { Grid = new Dimensions(3, 1, 1), Arguments = Documents.Store(1, 64).Steps[0].Arguments }] };
        _desk.Assign(document);
        var report = await _desk.RunNextAsync();
        byte[] whole = [.. _desk.Storage.Blobs["outputs/out/0"], .. _desk.Storage.Blobs["outputs/out/1"]];
        var leaves = MerkleTree.Leaves(whole);
        Assert.Equal(Bytes, whole.Length);
        Assert.Equal(new byte[] { 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0 }, whole[..12]);
        Assert.Equal(LeafList.Store(leaves.AsSpan()), _desk.Storage.Blobs["leaves/out/0"]);
        Assert.Equal(new BufferRoot("out", Bytes, MerkleTree.Root(leaves.AsSpan())), report!.Commitment!.Statement.Buffers.Single());
    }

    [Fact]
    public async Task A_run_that_is_not_verified_stores_no_leaves()
    {
        var document = Documents.Saxpy() with { Verification = new VerificationSpec() };
        var attempt = _desk.Assign(document);
        var report = await _desk.RunNextAsync();
        Assert.Empty(Check(document, attempt, report!));
        Assert.DoesNotContain(_desk.Storage.Blobs.Keys, name => name.StartsWith("leaves/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_order_that_calls_the_job_by_another_hash_is_not_run()
    {
        _desk.Broker.OtherHash = Digest.Of("another job"u8);
        var document = Documents.Saxpy();
        _desk.Assign(document);
        var report = await _desk.RunNextAsync();
        Assert.Equal(RunOutcome.Failed, report!.Outcome);
        Assert.Equal($"the order calls the job {_desk.Broker.OtherHash}, but the hash of its document is {JobHash.Of(document)}", report.Reason);
        Assert.Null(report.Commitment);
        Assert.Equal(0, _desk.Storage.Reads);
    }

    private ImmutableArray<DocumentError> Check(JobDocument document, AttemptId attempt, AttemptReport report)
    {
        Assert.Equal(RunOutcome.Completed, report.Outcome);
        var record = new AttemptRecord
        {
            Replica = attempt.Replica,
            Number = attempt.Number,
            Worker = FakeBroker.Worker,
            WorkerName = "test",
            Provider = AccountId.Operator,
            State = AttemptState.Started,
            Quote = default,
            StartPrice = default,
            PricePerSecond = default,
            AssignedAt = DateTimeOffset.UnixEpoch,
            Run = report.Run,
            Seed = FakeBroker.SecretSeed,
            PublicKey = _desk.Key.PublicKey,
        };
        var job = new JobRecord
        {
            Id = attempt.Job,
            Account = AccountId.Operator,
            Document = document,
            State = JobState.Running,
            RequestHash = ContentHash.Of([]),
            SubmittedAt = DateTimeOffset.UnixEpoch,
            QueueUntil = DateTimeOffset.MaxValue,
            Attempts = [record],
        };
        return ReportCheck.Check(job, record, report);
    }
}
