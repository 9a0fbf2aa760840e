using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Tests;

/// <summary>Commits to results as a worker does, with a key of its own.</summary>
internal static class Commit
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly Lock Signing = new();

    public static string PublicKey { get; } = Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo());

    /// <summary>Commits to what an order asks for.</summary>
    /// <param name="order">The order.</param>
    /// <param name="worker">Who got it.</param>
    /// <param name="bytes">The bytes of each result by its name; zeros where it is left out.</param>
    public static SignedStatement To(AttemptOrder order, WorkerId worker, Func<string, byte[]>? bytes = null) => Sign(new Statement
    {
        Job = order.Job,
        JobHash = order.JobHash,
        Replica = order.Replica,
        Attempt = order.Attempt,
        Run = order.Run,
        Worker = worker,
        SeedCommit = order.SeedCommit,
        Buffers = Roots(JobDocumentReader.Read(Encoding.UTF8.GetBytes(order.Document.GetRawText())).Value!, bytes),
        Usage = new Usage(1, 1, "cpu", 3),
    });

    /// <summary>Commits to the results of an attempt that has begun.</summary>
    public static SignedStatement To(JobRecord job, AttemptId id, double seconds = 1, Func<string, byte[]>? bytes = null)
    {
        var attempt = job.FindAttempt(id.Replica, id.Number)!;
        return Sign(new Statement
        {
            Job = job.Id,
            JobHash = JobHash.Of(job.Document),
            Replica = id.Replica,
            Attempt = id.Number,
            Run = attempt.Run!,
            Worker = attempt.Worker,
            SeedCommit = Seed.Commit(attempt.Seed, id),
            Buffers = Roots(job.Document, bytes),
            Usage = new Usage(seconds, 1, "cpu", 3),
        });
    }

    public static SignedStatement Sign(Statement statement)
    {
        lock (Signing)
            return new SignedStatement(statement, Convert.ToBase64String(Key.SignData(statement.Encode(), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)));
    }

    private static ImmutableArray<BufferRoot> Roots(JobDocument document, Func<string, byte[]>? bytes) =>
        [.. document.Buffers.Where(buffer => buffer.IsResult).Select(buffer => new BufferRoot(
            buffer.Name, buffer.Bytes, MerkleTree.Root(MerkleTree.Leaves(bytes?.Invoke(buffer.Name) ?? new byte[buffer.Bytes]).AsSpan())))];
}
