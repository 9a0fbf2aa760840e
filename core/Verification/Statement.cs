using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Core.Verification;

/// <summary>The root over the leaves of one buffer.</summary>
/// <param name="Buffer">Its name in the document.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Root">The root of <see cref="MerkleTree"/> over its leaves.</param>
public sealed record BufferRoot(string Buffer, long Bytes, Digest Root);

/// <summary>What a worker says that it computed, before it learns what will be checked.</summary>
public sealed record Statement
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public required JobId Job { get; init; }

    /// <summary>What <see cref="Verification.JobHash"/> gives for the job.</summary>
    public required Digest JobHash { get; init; }

    public required int Replica { get; init; }

    public required int Attempt { get; init; }

    public required string Run { get; init; }

    public required WorkerId Worker { get; init; }

    /// <summary>What the order said of the seed.</summary>
    public required Digest SeedCommit { get; init; }

    /// <summary>The results, in the order of the document.</summary>
    public required ImmutableArray<BufferRoot> Buffers { get; init; }

    public required Usage Usage { get; init; }

    /// <summary>The root over the launch roots; the job has one launch, or only the last is rooted: <see cref="LaunchRoot"/> of the results.</summary>
    public Digest TopRoot => MerkleTree.Root([LaunchRoot(Buffers)]);

    /// <summary>The root over buffers' roots as they were after a launch.</summary>
    public static Digest LaunchRoot(IEnumerable<BufferRoot> buffers) => MerkleTree.Root([.. buffers.Select(buffer =>
        MerkleTree.Leaf(new FieldWriter("broker-buffer-1").Add(buffer.Buffer).Add(buffer.Bytes).Add(buffer.Root).ToBytes()))]);

    /// <summary>The bytes that are signed.</summary>
    /// <remarks>
    /// Fields: <c>broker-statement-1</c>; version; job; job hash; replica; attempt; run; worker; seed commitment; for each buffer its name,
    /// bytes and root; the top root; usage as microseconds, steps, executor, storage operations.
    /// </remarks>
    public byte[] Encode() => new FieldWriter("broker-statement-1")
        .Add(Version).Add(Job.ToString()).Add(JobHash).Add(Replica).Add(Attempt).Add(Run).Add(Worker.ToString()).Add(SeedCommit)
        .AddEach(Buffers, (fields, buffer) => fields.Add(buffer.Buffer).Add(buffer.Bytes).Add(buffer.Root))
        .Add(TopRoot)
        .Add((long)Math.Round(Usage.Seconds * 1e6)).Add(Usage.Steps).Add(Usage.Executor).Add(Usage.StorageOperations)
        .ToBytes();
}

/// <summary>A statement with its worker's signature.</summary>
/// <param name="Statement">What is said.</param>
/// <param name="Signature">See <see cref="Signatures"/>.</param>
public sealed record SignedStatement(Statement Statement, string Signature);
