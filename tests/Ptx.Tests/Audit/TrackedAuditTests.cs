using Broker.Ptx.Audit;
using Broker.Ptx.Tests.Verify;

namespace Broker.Ptx.Tests.Audit;

public class TrackedAuditTests
{
    private const string Own = "mad.lo.u32 %r9, %tx, 4, 0;\ncvt.u64.u32 %rd9, %r9;\nmov.u64 %rd8, tile;\nadd.u64 %rd9, %rd9, %rd8;\n";

    private const string Row = Own + "mad.lo.u64 %rd10, %rd9, 4, 0; mul.lo.u64 %rd11, %rd8, 3; sub.u64 %rd10, %rd10, %rd11;\n";

    public static TheoryData<string, string, string> Cases => new()
    {
        { "own places", "", Own + "st.shared.u32 [%rd9], 1;\nld.shared.u32 %r1, [%rd9];" },
        { "one place", "Race 0", "st.shared.u32 [tile], %tx;" },
        { "neighbour's place at once", "Race 5", Own + "st.shared.u32 [%rd9], 1;\nld.shared.u32 %r1, [tile];" },
        { "neighbour's place after a barrier", "", Own + "st.shared.u32 [%rd9], 1;\nbar.sync 0;\nld.shared.u32 %r1, [tile];" },
        { "written again where others may still read", "Race 6", Own + "st.shared.u32 [%rd9], 1;\nbar.sync 0;\nld.shared.u32 %r1, [tile];\nst.shared.u32 [%rd9], 1;" },
        { "written again after a barrier", "", Own + "st.shared.u32 [%rd9], 1;\nbar.sync 0;\nld.shared.u32 %r1, [tile];\nbar.sync 0;\nst.shared.u32 [%rd9], 1;" },
        { "neighbour's place after a collective of the warp", "", Own + "st.shared.u32 [%rd9], 1;\nbar.warp.sync -1;\nld.shared.u32 %r1, [tile];" },
        { "a place that was copied to at once", "Race 6", Own + "cp.async.ca.shared.global [%rd9], [%in], 4;\ncp.async.wait_all;\nld.shared.u32 %r1, [tile];" },
        { "a place that was copied to, after a barrier", "", Own + "cp.async.ca.shared.global [%rd9], [%in], 4, %r1;\ncp.async.wait_all; bar.sync 0;\nld.shared.u32 %r1, [tile];" },
        { "what a barrier in shared memory orders", "Race 11", Own + "setp.eq.u32 %p, %tx, 0;\n@%p mbarrier.init.shared.b64 [tile+512], 32;\nbar.sync 0;\nst.shared.u32 [%rd9], 1;\nmbarrier.arrive.shared.b64 %rd3, [tile+512];\nASK: mbarrier.test_wait.shared.b64 %q, [tile+512], %rd3;\n@!%q bra ASK;\nld.shared.u32 %r1, [tile];" },
        { "atomics of one place", "", Own + "st.shared.u32 [%rd9], 1;\nbar.sync 0;\nred.shared.add.u32 [tile], 1;" },
        { "an atomic and a load", "Race 6", Own + "st.shared.u32 [%rd9], 1;\nbar.sync 0;\nred.shared.add.u32 [tile], 1;\nld.shared.u32 %r1, [tile];" },
        { "a row of a matrix that others wrote", "Race 7", Row + "st.shared.u32 [%rd9], 1;\nbar.sync 0;\nst.shared.u32 [%rd9], 1;\nldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [%rd10];" },
        { "a row of a matrix after a collective", "", Row + "st.shared.u32 [%rd9], 1;\nbar.warp.sync -1;\nldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [%rd10];" },
        { "a row of a matrix that nobody wrote", "UninitialisedRead 5", Row + "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [%rd10];" },
        { "a row that a matrix was stored to", "Race 6", Row + "stmatrix.sync.aligned.m8n8.x1.shared.b16 [%rd10], {%r1};\nst.shared.u32 [%rd9], 1;" },
        { "a global place of all threads", "Race 0", "st.global.u32 [%out], %tx;" },
        { "global places of their own", "", "st.global.u32 [%at], %tx;" },
        { "shared memory that nobody wrote", "UninitialisedRead 0", "ld.shared.u32 %r1, [tile];" },
        { "half of it written", "UninitialisedRead 5", Own + "st.shared.u16 [%rd9], 1;\nld.shared.u32 %r1, [%rd9];" },
        { "local memory that the thread did not write", "UninitialisedRead 2", "setp.eq.u32 %p, %tx, 0;\n@%p st.local.u32 [mine], 1;\nld.local.u32 %r1, [mine];" },
        { "local memory of its own", "", "st.local.u32 [mine], 1;\nld.local.u32 %r1, [mine];" },
        { "division by zero", "DivisionByZero 0", "div.u32 %r1, %tx, %tx;" },
        { "division of zero", "", "add.u32 %r2, %tx, 1;\ndiv.u32 %r1, %tx, %r2;" },
        { "remainder of 64 bits by zero", "DivisionByZero 1", "mov.u64 %rd1, 0;\nrem.s64 %rd2, %at, %rd1;" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_leaves_a_block_open_is_found_at_its_line(string name, string expected, string body)
    {
        var audit = Audited.Run(body, tracks: true);
        Assert.Equal((name, expected), (name, string.Join(' ', audit.Findings.Select(f => $"{f.Kind} {f.Line - Launched.FirstLine}"))));
        Assert.Equal(expected.Length == 0 ? AuditStatus.Completed : AuditStatus.Inconclusive, audit.Status);
    }

    [Fact]
    public void Race_of_two_warps_is_no_matter_of_a_collective()
    {
        var text = Kernel.Text("st.global.u32 [%out], 1;\nbar.warp.sync -1;\nld.global.u32 %r2, [%out];");
        using var memory = new AuditMemory();
        var buffer = memory.Allocate("out", 1024);
        var launch = new KernelLaunch(new Dim3(1, 1, 1), new Dim3(64, 1, 1), 0, BitConverter.GetBytes(buffer.Address).Concat(new byte[4]).ToArray());
        var guarded = text.Replace("st.global.u32 [%out], 1;", "setp.eq.u32 %p, %r1, 0;\n@%p st.global.u32 [%out], 1;", StringComparison.Ordinal);
        var audit = CompiledKernel.Compile(Module.Parse(guarded), "test").Audit(launch, memory, default, true, new RunOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(FindingKind.Race, Assert.Single(audit.Findings).Kind);
    }

    /// <summary>Block 3 holds the last places of the buffer; its threads 30 and 31 leave it.</summary>
    [Theory]
    [InlineData("first that faults", 3u, 30u, 0, FaultKind.OutOfBounds, true)]
    [InlineData("another that faults", 3u, 31u, 0, FaultKind.OutOfBounds, true)]
    [InlineData("a thread that does not", 3u, 29u, 0, FaultKind.OutOfBounds, false)]
    [InlineData("another block", 2u, 30u, 0, FaultKind.OutOfBounds, false)]
    [InlineData("another line", 3u, 30u, 1, FaultKind.OutOfBounds, false)]
    [InlineData("another kind", 3u, 30u, 0, FaultKind.Misaligned, false)]
    public void Claim_is_reproduced_where_it_is_true(string name, uint block, uint thread, int line, FaultKind kind, bool expected)
    {
        var claim = new FaultClaim(new Dim3(block, 0, 0), new Dim3(thread, 0, 0), Launched.FirstLine + line, kind);
        Assert.Equal((name, expected), (name, Audited.Reproduces(claim, "st.global.u32 [%at+8], 1;\nbar.sync 0;\nst.global.u32 [%at], 1;")));
    }
}
