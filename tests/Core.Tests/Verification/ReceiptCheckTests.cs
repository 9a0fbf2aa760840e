using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Jobs;
using Broker.Core.Tests.Jobs;
using Broker.Core.Verification;
using Broker.Tests;

namespace Broker.Core.Tests.Verification;

public class ReceiptCheckTests
{
    private static readonly JobDocument Document = Feasible.Document(buffers: [new("out", BufferRole.Output, 10_000, null)]) with
    {
        Steps = [Feasible.Step() with { Grid = new Dimensions(1000, 1, 1) }],
        Verification = new VerificationSpec { Mode = VerificationMode.Sample },
    };

    private static readonly Receipt Honest = Sign(MakeReceipt());

    /// <summary>Each is changed after it was signed.</summary>
    public static TheoryData<string, Func<Receipt, Receipt>> Edits => new()
    {
        { "document", r => r with { Document = Json(Document with { Name = "another" }) } },
        { "class", r => r with { Class = "exact-commutative" } },
        { "worker key", r => r with { WorkerKey = "another" } },
        { "seed", r => r with { Seed = default } },
        { "kind", r => r with { Verdict = r.Verdict with { Kind = VerdictKind.Inconclusive } } },
        { "blocks", r => r with { Verdict = r.Verdict with { Blocks = 999 } } },
        { "sampled", r => r with { Verdict = r.Verdict with { Sampled = 300 } } },
        { "added", r => r with { Verdict = r.Verdict with { Added = 1 } } },
        { "unowned leaves", r => r with { Verdict = r.Verdict with { UnownedLeaves = 0 } } },
        { "compared leaves", r => r with { Verdict = r.Verdict with { ComparedLeaves = 1 } } },
        { "mismatches", r => r with { Verdict = r.Verdict with { MismatchCount = 2 } } },
        { "a mismatch", r => r with { Verdict = r.Verdict with { Mismatches = [r.Verdict.Mismatches[0] with { Expected = "01" }] } } },
        { "a mismatch's block", r => r with { Verdict = r.Verdict with { Mismatches = [r.Verdict.Mismatches[0] with { Block = null }] } } },
        { "an opening", r => r with { Verdict = r.Verdict with { Mismatches = [r.Verdict.Mismatches[0] with { Opened = null }] } } },
        { "reason", r => r with { Verdict = r.Verdict with { Reason = "because" } } },
        { "steps", r => r with { Verdict = r.Verdict with { Steps = 1 } } },
        { "seconds", r => r with { Verdict = r.Verdict with { CpuSeconds = 2 } } },
        { "fetched bytes", r => r with { Verdict = r.Verdict with { FetchedBytes = 1 } } },
        { "verifier", r => r with { Verifier = Feasible.WorkerId(2) } },
        { "time", r => r with { At = r.At.AddTicks(1) } },
        { "broker key", r => r with { BrokerKey = "another" } },
        { "statement", r => r with { Commitment = r.Commitment with { Statement = r.Commitment.Statement with { Run = "run00002" } } } },
        { "statement's signature", r => r with { Commitment = r.Commitment with { Signature = Honest.Signature } } },
    };

    /// <summary>Each is signed by the broker, or by somebody who calls himself one: what it says does not fit.</summary>
    public static TheoryData<string, Func<Receipt, Receipt>, string> Forged => new()
    {
        { "a statement that its worker never signed", r => r with { Commitment = r.Commitment with { Statement = r.Commitment.Statement with { Run = "run00002" } } }, "worker signature" },
        { "another seed than was promised", r => r with { Seed = Feasible.Seed(9) }, "seed" },
        { "results that the job has not", r => r with { Commitment = Make.Sign(r.Commitment.Statement with { Buffers = [.. r.Commitment.Statement.Buffers, new BufferRoot("more", 1, default)] }) }, "results" },
        { "another job than the statement's", r => r with { Document = Json(Document with { Buffers = [Document.Buffers[0] with { Bytes = 9999 }] }) }, "job" },
        { "no document", r => r with { Document = JsonSerializer.SerializeToElement(7) }, "job" },
        { "a smaller sample than was asked for", r => r with { Verdict = Passed(SampleSize.Of(1000, 10_000, 950_000) - 1) }, "sample" },
        { "a larger sample than there are blocks", r => r with { Verdict = Passed(1001) }, "sample" },
        { "a sample of another grid", r => r with { Verdict = Passed(299) with { Blocks = 4 } }, "sample" },
        { "another leaf than was committed to", r => WithOpening(r, m => m with { Opened = m.Opened! with { Bytes = new byte[4096] } }), "opening of 'out' at 5000" },
        { "a leaf of another place", r => WithOpening(r, m => m with { Offset = 100 }), "opening of 'out' at 100" },
        { "a leaf of no buffer", r => WithOpening(r, m => m with { Buffer = "none" }), "opening of 'none' at 5000" },
        { "a leaf past the end", r => WithOpening(r, m => m with { Offset = 10_000 }), "opening of 'out' at 10000" },
        { "a leaf before the beginning", r => WithOpening(r, m => m with { Offset = -1 }), "opening of 'out' at -1" },
        { "a path of another length", r => WithOpening(r, m => m with { Opened = m.Opened! with { Path = [] } }), "opening of 'out' at 5000" },
        { "other bytes than the leaf has", r => WithOpening(r, m => m with { Committed = "00" }), "opening of 'out' at 5000" },
    };

    [Fact]
    public void An_honest_receipt_holds()
    {
        var findings = ReceiptCheck.Check(Honest, Make.PublicKey);
        Assert.Equal(["broker key", "broker signature", "worker signature", "seed", "job", "results", "sample", "opening of 'out' at 5000"], findings.Select(finding => finding.Name));
        Assert.All(findings, finding => Assert.True(finding.Holds, finding.Says));
        Assert.All(ReceiptCheck.Check(Sign(Honest with { Verdict = Passed(SampleSize.Of(1000, 10_000, 950_000)) }), null), finding => Assert.True(finding.Holds, finding.Says));
    }

    [Fact]
    public void It_holds_after_a_way_through_json()
    {
        var read = JsonSerializer.Deserialize<Receipt>(JsonSerializer.Serialize(Honest, BrokerJson.Options), BrokerJson.Options)!;
        Assert.Equal(Honest.Encode(), read.Encode());
        Assert.All(ReceiptCheck.Check(read, Make.PublicKey), finding => Assert.True(finding.Holds, finding.Says));
    }

    [Theory]
    [MemberData(nameof(Edits))]
    public void An_edited_receipt_is_not_the_brokers(string what, Func<Receipt, Receipt> edit)
    {
        Assert.NotEmpty(what);
        Assert.Contains(ReceiptCheck.Check(edit(Honest), null), finding => finding is { Name: "broker signature", Holds: false });
    }

    [Theory]
    [MemberData(nameof(Forged))]
    public void What_does_not_fit_is_found_whoever_signed_it(string what, Func<Receipt, Receipt> forge, string name)
    {
        Assert.NotEmpty(what);
        var finding = Assert.Single(ReceiptCheck.Check(Sign(forge(Honest)), Make.PublicKey), finding => !finding.Holds);
        Assert.Equal(name, finding.Name);
    }

    [Fact]
    public void A_made_up_receipt_has_another_key() => Assert.Equal(
        ["broker key", "broker signature"],
        ReceiptCheck.Check(Honest with { BrokerKey = "mine", Signature = "mine" }, Make.PublicKey).Where(finding => !finding.Holds).Select(finding => finding.Name));

    [Fact]
    public void A_later_version_is_not_guessed_at() =>
        Assert.False(Assert.Single(ReceiptCheck.Check(Sign(Honest with { Version = 2 }), Make.PublicKey)).Holds);

    [Fact]
    public void A_full_check_has_executed_every_block()
    {
        var receipt = MakeReceipt(Document with { Verification = new VerificationSpec { Mode = VerificationMode.Full } });
        Assert.Contains(ReceiptCheck.Check(Sign(receipt with { Verdict = Passed(999) }), null), finding => finding is { Name: "sample", Holds: false });
        Assert.All(ReceiptCheck.Check(Sign(receipt with { Verdict = Passed(1000) }), null), finding => Assert.True(finding.Holds, finding.Says));
    }

    [Fact]
    public void A_bound_is_stated_where_the_check_passed_and_nowhere_else()
    {
        Assert.Equal(0.01, Receipt.MostWrong(Document.Verification!, Passed(258))!.Value, 0.0011);
        Assert.Null(Receipt.MostWrong(Document.Verification!, Honest.Verdict));
    }

    private static Receipt MakeReceipt(JobDocument? document = null)
    {
        document ??= Document;
        var job = new JobHistory(document: document).Run().Job;
        var bytes = new byte[10_000];
        bytes[5000] = 7;
        var leaves = MerkleTree.Leaves(bytes);
        var statement = Make.Commitment(job, job.Attempts[0], "run00001").Statement with { Buffers = [new BufferRoot("out", bytes.Length, MerkleTree.Root(leaves.AsSpan()))] };
        return new Receipt
        {
            Document = Json(document),
            Class = "exact",
            Commitment = Make.Sign(statement),
            WorkerKey = Make.PublicKey,
            Seed = job.Attempts[0].Seed,
            Verdict = new Verdict
            {
                Kind = VerdictKind.Failed,
                Blocks = 1000,
                Sampled = 299,
                MismatchCount = 1,
                Mismatches = [new Mismatch(new BlockIndex(0, 3), "out", 5000, "0700", "0000", new OpenedLeaf(bytes.AsMemory(4096, 4096), MerkleTree.Path(leaves.AsSpan(), 1)))],
            },
            Verifier = Feasible.WorkerId(9),
            At = Feasible.Noon,
            BrokerKey = Make.PublicKey,
        };
    }

    private static Verdict Passed(long sampled) => new() { Kind = VerdictKind.Passed, Blocks = 1000, Sampled = sampled };

    private static Receipt Sign(Receipt receipt) => receipt with { Signature = Make.Sign(receipt.Encode()) };

    private static Receipt WithOpening(Receipt receipt, Func<Mismatch, Mismatch> change) =>
        receipt with { Verdict = receipt.Verdict with { Mismatches = [change(receipt.Verdict.Mismatches[0])] } };

    private static JsonElement Json(JobDocument document) => JsonDocument.Parse(JobDocumentWriter.Write(document)).RootElement;
}
