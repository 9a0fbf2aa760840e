using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Tests;

namespace Broker.Verification.Tests;

public class FaultCheckTests
{
    private static readonly MemoryJob Job = Jobs.Small("setp.eq.u32 %p, %i, 100;\n@%p add.u64 %at, %at, 1000000;\nst.global.u32 [%at], %i;");

    [Fact]
    public async Task A_fault_that_is_there_is_reproduced_and_any_other_is_not()
    {
        var fault = Job.TryRun(null, out _).Fault!;
        var claim = new KernelFaultRecord($"{fault.Kind}", fault.Line, fault.Message, new BlockIndex(0, 3), 4);
        Assert.Equal(VerdictKind.Passed, (await CheckAsync(claim)).Kind);
        foreach (var other in new[]
        {
            claim with { Block = new BlockIndex(0, 2) }, claim with { Thread = 5 }, claim with { Line = fault.Line - 1 }, claim with { Kind = "Misaligned" }, claim with { Kind = "none" },
            claim with { Block = new BlockIndex(0, 4) }, claim with { Block = new BlockIndex(1, 0) }, claim with { Block = new BlockIndex(0, -1) }, claim with { Thread = 32 }, claim with { Thread = -1 },
        })
        {
            var verdict = await CheckAsync(other);
            Assert.Equal(VerdictKind.Failed, verdict.Kind);
            Assert.Contains($"thread {other.Thread} of block {other.Block.Block}", verdict.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_fault_of_a_later_launch_is_left_open()
    {
        var job = Job.With(document => document with { Steps = [document.Steps[0] with { Repeat = 2 }] });
        using var reexecution = job.Reexecution();
        var verdict = await FaultCheck.RunAsync(job.Document, new KernelFaultRecord("OutOfBounds", 1, "there", new BlockIndex(1, 3), 4), reexecution, TestContext.Current.CancellationToken);
        Assert.Equal(VerdictKind.Inconclusive, verdict.Kind);
    }

    private static async Task<Verdict> CheckAsync(KernelFaultRecord claim)
    {
        using var reexecution = Job.Reexecution(new RunOptions());
        return await FaultCheck.RunAsync(Job.Document, claim, reexecution, TestContext.Current.CancellationToken);
    }
}
