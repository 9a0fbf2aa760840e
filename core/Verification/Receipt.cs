using System.Text.Json;
using Broker.Core.Ids;

namespace Broker.Core.Verification;

/// <summary>All that an outsider needs to do a verification again, signed by the broker.</summary>
public sealed record Receipt
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>The job document as it was accepted.</summary>
    public required JsonElement Document { get; init; }

    /// <summary>The class of the job: <c>exact</c> and so on.</summary>
    public required string Class { get; init; }

    /// <summary>What the worker committed to.</summary>
    public required SignedStatement Commitment { get; init; }

    /// <summary>The worker's public key.</summary>
    public required string WorkerKey { get; init; }

    /// <summary>The seed, which was secret until the commitment.</summary>
    public required Digest Seed { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>Who executed again.</summary>
    public required WorkerId Verifier { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The broker's public key.</summary>
    public required string BrokerKey { get; init; }

    /// <summary>The broker's signature over <see cref="Encode"/>; empty before it is signed.</summary>
    public string Signature { get; init; } = "";

    /// <summary>The largest fraction of wrong blocks that it leaves possible, with the confidence of its document; null unless it passed.</summary>
    public static double? MostWrong(VerificationSpec verification, Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verification);
        ArgumentNullException.ThrowIfNull(verdict);
        return verdict.Kind == VerdictKind.Passed ? SampleSize.MostWrong(verdict.Blocks, verdict.Sampled, verification.ConfidenceMillionths) : null;
    }

    /// <summary>The bytes that the broker signs.</summary>
    /// <remarks>
    /// Fields: <c>broker-receipt-1</c>; version; the document's text; class; the statement's bytes; its signature; the worker's key; seed; of the
    /// verdict its kind, blocks, sampled, added, unowned leaves or -1, compared leaves, number of mismatches, each listed one (launch and block
    /// or -1, buffer, offset, committed, expected, and the opened leaf with its path, or one empty field), reason or nothing, steps,
    /// microseconds, fetched bytes; verifier; the time in ticks of 100 ns since year 1; the broker's key.
    /// </remarks>
    public byte[] Encode()
    {
        var fields = new FieldWriter("broker-receipt-1")
            .Add(Version).Add(JsonSerializer.Serialize(Document)).Add(Class)
            .Add(Commitment.Statement.Encode()).Add(Commitment.Signature).Add(WorkerKey).Add(Seed);
        Verdict.AddTo(fields);
        return fields.Add(Verifier.ToString()).Add(At.UtcTicks).Add(BrokerKey).ToBytes();
    }
}
