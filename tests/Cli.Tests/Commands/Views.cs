using System.Text.Json;
using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;

namespace Broker.Cli.Tests.Commands;

/// <summary>What a broker could answer.</summary>
internal static class Views
{
    public static JobId Id { get; } = JobId.Parse("0123456789abcdef01234567");

    public static DateTimeOffset Noon { get; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static DeviceFacts Device { get; } = new("emulated", "PTX interpreter", 70, 1L << 30);

    public static WorkerId Worker { get; } = WorkerId.Parse("0123456789abcdef");

    public static OfferView Offer { get; } = new(
        Worker, "amber", AccountId.Parse("bob"), PoolName.Default, OfferState.Active, Money.Parse("0.001"), default, 2, 1, 1L << 28, Device, Noon);

    public static JobView Job(JobState state, string? reason = null) => new()
    {
        Id = Id,
        Name = "saxpy",
        Pool = PoolName.Default,
        State = state,
        Reason = reason,
        SubmittedAt = Noon,
        QueueUntil = Noon.AddHours(1),
        EndedAt = state.IsEnded() ? Noon.AddSeconds(3) : null,
        MaxPrice = Money.Parse("0.5"),
        Price = state == JobState.Completed ? Money.Parse("0.012") : null,
    };

    public static AttemptView Attempt(int number, AttemptState state) =>
        new(0, number, Worker, "amber", state, Money.Parse("0.01"), Noon, Noon, Noon.AddSeconds(2), null, null);

    public static VerdictView Passed { get; } = new(VerdictKind.Passed, 64_800, 299, SampleSize.MostWrong(64_800, 299, 950_000), "299 of 64800 blocks");

    /// <summary>A document with so many blocks as <see cref="Passed"/> speaks of.</summary>
    public static JsonElement Document(string mode) => JsonDocument.Parse($$"""
        {
          "program": { "content": "sha256:{{new string('a', 64)}}" },
          "steps": [ { "kernel": "saxpy", "grid": [64800], "block": [64], "arguments": [] } ],
          "verification": { "mode": "{{mode}}" }
        }
        """).RootElement;

    public static JobSummary Summary(JobState state) => new(Id, "saxpy", PoolName.Default, state, Noon, null, null);

    public static JobEvent Event(string text) => new(1, JobEventKind.Submitted, Noon, null, null, null, text, "", "00");

    public static OutputView Output(FakeBroker broker, byte[] bytes, Digest? root = null) => new(
        "arg0", bytes.Length, root ?? MerkleTree.Root(MerkleTree.Leaves(bytes).AsSpan()),
        [new PartView(new Uri(broker.Url, "blob/0"), 2, Noon), new PartView(new Uri(broker.Url, "blob/1"), bytes.Length - 2, Noon)]);
}
