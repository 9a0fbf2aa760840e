using System.Text;
using Broker.Core;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;

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
