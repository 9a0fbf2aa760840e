using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Tests;
using Broker.Verification;

namespace Broker.Bench.Cheats;

/// <summary>Receipts that were edited or made up, and a broker that goes back on its word.</summary>
internal static class ReceiptRows
{
    public static IReadOnlyList<CheatRow> All { get; } =
    [
        new("A33", "an edited receipt, a made-up receipt", ForgedAsync),
        new("A36", "a broker that swaps job or seed after the statement", SwappedAsync),
    ];

    private static readonly Func<Receipt, Receipt>[] Edits =
    [
        its => its with { Verdict = its.Verdict with { Kind = VerdictKind.Inconclusive } },
        its => its with { Verdict = its.Verdict with { Sampled = its.Verdict.Blocks } },
        its => its with { Verdict = its.Verdict with { Reason = "no reason" } },
        its => its with { Verdict = its.Verdict with { ComparedLeaves = 1 << 20 } },
        its => its with { Class = "unverifiable" },
        its => its with { At = its.At.AddDays(1) },
        its => its with { Verifier = MemoryBroker.Worker },
        its => its with { Seed = default },
        its => its with { Commitment = its.Commitment with { Statement = its.Commitment.Statement with { Worker = MemoryBroker.Verifier } } },
        its => its with { Document = Json(ReceiptCheck.FindDocument(its)! with { Name = "another" }) },
    ];

    private static async Task<RowCount> ForgedAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(2000, TinyJobs.Sample()));
        var honest = broker.Job.Run();
        var found = new List<bool>();
        foreach (var result in new[] { honest, Spoiled(honest) })
        {
            var receipt = (await broker.RunAsync(1, result)).Receipt!;
            // The way through JSON, as one has it in a file; then draw and blocks again, from nothing but the receipt, inputs and results.
            var read = JsonSerializer.Deserialize<Receipt>(JsonSerializer.Serialize(receipt, BrokerJson.Options), BrokerJson.Options)!;
            found.Add(Holds(read) && await RepeatsAsync(broker.Job, read, result));
            foreach (var edit in Edits) found.Add(!Holds(edit(read)));
            // By somebody who calls himself the broker, or signs with the worker's key.
            found.Add(!Holds(MemoryBroker.WorkerKey.Sign(read with { BrokerKey = MemoryBroker.WorkerKey.PublicKey })));
            found.Add(!Holds(MemoryBroker.WorkerKey.Sign(read)));
        }

        return RowCount.Of(found);
    }

    private static async Task<RowCount> SwappedAsync(TrialCounts counts)
    {
        using var broker = new MemoryBroker(TinyJobs.Loop(2000, TinyJobs.Sample()));
        var receipt = (await broker.RunAsync(1, broker.Job.Run())).Receipt!;
        var document = ReceiptCheck.FindDocument(receipt)!;
        Func<Receipt, Receipt>[] swaps =
        [
            its => its with { Seed = MemoryBroker.SeedOf(2, 1) },
            its => its with { Document = Json(document with { Steps = [document.Steps[0] with { Repeat = 2 }] }) },
            its => its with { Document = Json(document with { Verification = TinyJobs.One }) },
            its => its with { Document = Json(document with { Buffers = document.Buffers.SetItem(1, document.Buffers[1] with { Content = ContentHash.Of("others"u8) }) }) },
            its => its with { Commitment = its.Commitment with { Statement = its.Commitment.Statement with { SeedCommit = Seed.Commit(MemoryBroker.SeedOf(2, 1), new AttemptId(its.Commitment.Statement.Job, 0, 1)) }, }, Seed = MemoryBroker.SeedOf(2, 1) },
        ];
        // The broker signs what it likes: the worker's signature and the promise do not fit.
        return RowCount.Of(swaps.Select(swap => ReceiptCheck.Check(MemoryBroker.BrokerKey.Sign(swap(receipt)), MemoryBroker.BrokerKey.PublicKey)
            .Any(finding => !finding.Holds && finding.Name is "seed" or "job" or "worker signature")));
    }

    private static MemoryResult Spoiled(MemoryResult honest)
    {
        var result = honest.Copy();
        Array.Clear(result["out"]);
        return result;
    }

    private static bool Holds(Receipt receipt) => ReceiptCheck.Check(receipt, MemoryBroker.BrokerKey.PublicKey).All(finding => finding.Holds);

    private static async Task<bool> RepeatsAsync(MemoryJob job, Receipt receipt, MemoryResult result)
    {
        using var reexecution = job.Reexecution();
        var again = await new ResultCheck(ReceiptCheck.FindDocument(receipt)!, job.Program, receipt.Commitment.Statement, receipt.Seed, reexecution, result, job).RunAsync(CancellationToken.None);
        // What a check costs is another matter each time.
        return MemoryBroker.BrokerKey.Sign(receipt with { Verdict = Free(again), Signature = "" }).Encode().AsSpan()
            .SequenceEqual((receipt with { Verdict = Free(receipt.Verdict) }).Encode());
    }

    private static Verdict Free(Verdict verdict) => verdict with { CpuSeconds = 0, FetchedBytes = 0, Steps = 0 };

    private static JsonElement Json(JobDocument document) => JsonDocument.Parse(JobDocumentWriter.Write(document)).RootElement;
}
