using System.Security.Cryptography;
using System.Text;
using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;

namespace Broker.Tests;

/// <summary>Makes jobs and offers that fit each other, so that a test states only what matters to it.</summary>
internal static class Make
{
    public static DateTimeOffset Noon { get; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static AccountId Submitter { get; } = AccountId.Parse("submitter");

    public static AccountId Provider { get; } = AccountId.Parse("provider");

    public static JobDocument Document(string name = "job", string terms = "{}", string verification = "null")
    {
        var json = $$"""
            {
              "name": "{{name}}",
              "program": { "content": "sha256:{{new string('a', 64)}}" },
              "buffers": { "out": { "role": "output", "bytes": 1024 } },
              "steps": [ { "kernel": "fill", "grid": [4], "block": [64], "arguments": [ { "buffer": "out" } ] } ],
              "terms": {{terms}},
              "verification": {{verification}}
            }
            """;
        return JobDocumentReader.Read(Encoding.UTF8.GetBytes(json)).Value ?? throw new InvalidOperationException(json);
    }

    /// <summary>The public key of every worker that signs here.</summary>
    public static string PublicKey { get; } = MakeKey().PublicKey;

    /// <summary>What a completed run commits to: zeros in every result.</summary>
    public static SignedStatement Commitment(JobRecord job, AttemptRecord attempt, string run)
    {
        var id = new AttemptId(job.Id, attempt.Replica, attempt.Number);
        return Commitment(job.Document, id, run, attempt.Worker, Seed.Commit(attempt.Seed, id));
    }

    /// <summary>The same for a worker, which knows what its order says and nothing of the seed.</summary>
    public static SignedStatement Commitment(JobDocument document, AttemptId id, string run, WorkerId worker, Digest seedCommit) => Sign(new Statement
    {
        Job = id.Job,
        JobHash = JobHash.Of(document),
        Replica = id.Replica,
        Attempt = id.Number,
        Run = run,
        Worker = worker,
        SeedCommit = seedCommit,
        Buffers = [.. document.Buffers.Where(buffer => buffer.IsResult).Select(buffer => new BufferRoot(buffer.Name, buffer.Bytes, MerkleTree.Root(MerkleTree.Leaves(new byte[buffer.Bytes]).AsSpan())))],
        Usage = new Usage(1, 0, "cpu", 3),
    });

    /// <summary>The same from an order, as a worker gets it.</summary>
    public static SignedStatement Commitment(AttemptOrder order, WorkerId worker)
    {
        var document = JobDocumentReader.Read(Encoding.UTF8.GetBytes(order.Document.GetRawText())).Value!;
        return Commitment(document, new AttemptId(order.Job, order.Replica, order.Attempt), order.Run, worker, order.SeedCommit);
    }

    /// <summary>Signs what a worker says with the key of <see cref="PublicKey"/>.</summary>
    public static SignedStatement Sign(Statement statement) => new(statement, Sign(statement.Encode()));

    public static string Sign(byte[] bytes)
    {
        using var key = MakeKey().Key;
        return Convert.ToBase64String(key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    /// <summary>The same key in every test.</summary>
    private static (ECDsa Key, string PublicKey) MakeKey()
    {
        var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = SHA256.HashData("the key of the tests"u8) });
        return (key, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()));
    }

    public static JobId JobId(string key = "1") => Core.Ids.JobId.Derive(Submitter, key);

    public static JobChange Job(string key = "1", DateTimeOffset? at = null, string terms = "{}") =>
        Lifecycle.Submit(JobId(key), Submitter, Document(terms: terms), ContentHash.Of(Encoding.UTF8.GetBytes(key)), at ?? Noon);

    public static Offer Offer(string name = "worker", int slots = 1, DateTimeOffset? validUntil = null) => new()
    {
        Worker = WorkerId.Derive(Provider, name),
        Provider = Provider,
        Name = name,
        PricePerSecond = new Money(100),
        Device = new DeviceFacts("cpu", "test", 90, 1L << 30),
        Slots = slots,
        SlotMemoryBytes = 1 << 20,
        ValidUntil = validUntil ?? Noon.AddYears(10),
    };
}
