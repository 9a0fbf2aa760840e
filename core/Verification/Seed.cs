using Broker.Core.Ids;

namespace Broker.Core.Verification;

/// <summary>The secret that decides what is checked, and the promise that binds the broker to it.</summary>
public static class Seed
{
    /// <summary>What is told to the worker: it fixes the seed and shows nothing of it.</summary>
    /// <remarks>Fields: <c>broker-seed-1</c>; the seed; job; replica; attempt.</remarks>
    public static Digest Commit(Digest seed, AttemptId attempt) => new FieldWriter("broker-seed-1")
        .Add(seed).Add(attempt.Job.ToString()).Add(attempt.Replica).Add(attempt.Number)
        .ToDigest();
}
