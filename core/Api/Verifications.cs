using System.Collections.Immutable;
using System.Text.Json;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Core.Api;

/// <summary>Registers a verifier of the account whose key is sent: a process that the operator trusts. The same name again is the same verifier, with a new key.</summary>
public sealed record NewVerifier(string Name);

/// <summary>What a verifier is told in return for a sign of life.</summary>
/// <param name="Queue">Its queue.</param>
/// <param name="IntervalSeconds">The longest time until its next sign of life.</param>
public sealed record VerifierAnswer(QueueAccess Queue, double IntervalSeconds);

/// <summary>The message on a verifier's queue: a check was assigned to it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Replica">The replica.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="Check">The check's number.</param>
public sealed record CheckMessage(JobId Job, int Replica, int Attempt, int Check)
{
    public AttemptId ToId() => new(Job, Replica, Attempt);
}

/// <summary>All that a verifier needs to check what an attempt committed to.</summary>
/// <param name="Document">The job document; its program is content.</param>
/// <param name="Contents">Where to read each content that the document names.</param>
/// <param name="Outputs">Where to read each result, part by part; empty for a claim of a fault.</param>
/// <param name="Leaves">Where to read the list of each result's leaves, part by part.</param>
/// <param name="Commitment">What the worker committed to; null for a claim of a fault.</param>
/// <param name="Fault">The fault that the worker claims; null where there is a commitment.</param>
/// <param name="Seed">Decides which blocks are executed again.</param>
/// <param name="Sample">How many blocks are drawn.</param>
/// <param name="ValidUntil">When the URLs end; start the same check again for others.</param>
public sealed record CheckOrder(
    JsonElement Document, ImmutableArray<ContentUrl> Contents, ImmutableArray<OutputUrls> Outputs, ImmutableArray<OutputUrls> Leaves,
    SignedStatement? Commitment, KernelFaultRecord? Fault, Digest Seed, long Sample, DateTimeOffset ValidUntil);

/// <summary>The broker's public key, which its receipts are signed with.</summary>
/// <param name="PublicKey">A SubjectPublicKeyInfo of P-256 in base64.</param>
public sealed record BrokerKeyView(string PublicKey);
