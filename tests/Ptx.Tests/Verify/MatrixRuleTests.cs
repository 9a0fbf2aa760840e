using Broker.Ptx.Audit;
using Broker.Ptx.Tests.Audit;
using Broker.Ptx.Verify;

namespace Broker.Ptx.Tests.Verify;

/// <summary>Shows which products of matrices are the same on every machine, and which are not known to be.</summary>
public class MatrixRuleTests
{
    private const string Product = "mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%r1, %r2}, {%r3}, {%r4}, {%r5, %r6};";
    private const string Rows = "mul.lo.u32 %r9, %tx, 16;\nand.b32 %r9, %r9, 127;\nmov.u64 %rd1, tile;\ncvt.u64.u32 %rd2, %r9;\nadd.u64 %rd1, %rd1, %rd2;\n";

    public static TheoryData<string, string, string, uint> Cases => new()
    {
        { "integers", "exact", Product, 32 },
        { "integers, of whole warps", "exact", Product, 64 },
        { "integers, with lanes that are not there", "unverifiable", Product, 48 },
        { "floats, with lanes that are not there", "unverifiable", "mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%r1, %r2}, {%r3, %r4}, {%r5}, {%r6, %r7};", 48 },
        { "floats", "same-arch", "mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%r1, %r2}, {%r3, %r4}, {%r5}, {%r6, %r7};", 32 },
        { "integers of four bits", "exact", "mma.sync.aligned.m16n8k64.row.col.s32.u4.s4.s32 {%r1, %r2, %r3, %r4}, {%r5, %r6, %r7, %r8}, {%r9, %r10}, {%r1, %r2, %r3, %r4};", 32 },
        { "bits", "exact", "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.xor.popc {%r1, %r2}, {%r3}, {%r4}, {%r5, %r6};", 32 },
        { "sums that saturate", "unverifiable", "mma.sync.aligned.m8n8k16.row.col.satfinite.s32.s8.s8.s32 {%r1, %r2}, {%r3}, {%r4}, {%r5, %r6};", 32 },
        { "an address in it", "unverifiable", "mov.u64 %rd1, tile;\ncvt.u32.u64 %r3, %rd1;\n" + Product, 32 },
        { "an address added to", "unverifiable", "mov.u64 %rd1, tile;\ncvt.u32.u64 %r6, %rd1;\n" + Product, 32 },
        { "what nobody wrote", "unverifiable", ".reg .b32 %left;\n" + Product.Replace("{%r4}", "{%left}", StringComparison.Ordinal), 32 },
        { "a place that it gives", "exact-scattered", Product + "\nand.b32 %r1, %r1, 7;\nmad.wide.u32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;", 32 },
        { "a store where it says so", "exact-scattered", Product + "\nsetp.eq.u32 %p, %r2, 0;\n@%p st.global.u32 [%at], 1;", 32 },
        { "its numbers stored", "exact", Product + "\nst.global.u32 [%at], %r1;", 32 },
        { "rows", "exact", Rows + "ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%r1, %r2}, [%rd1];", 32 },
        { "rows, with lanes that are not there", "unverifiable", Rows + "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [%rd1];", 40 },
        { "columns", "unverifiable", Rows + "ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%r1, %r2}, [%rd1];", 32 },
        { "rows from a number", "unverifiable", "mov.u64 %rd1, 16;\nldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r1}, [%rd1];", 32 },
        { "a place that rows give", "exact-scattered", Rows + "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r1, %r2, %r3, %r4}, [%rd1];\nand.b32 %r1, %r1, 7;\nmad.wide.u32 %rd1, %r1, 4, %out;\nst.global.u32 [%rd1], 1;", 32 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Kernel_has_the_class_of_its_product(string name, string expected, string body, uint threads) =>
        Assert.Equal((name, expected), (name, Launched.Classify(body, threads: threads, bytes: 1024).Class.Word()));

    /// <summary>Half of a warp comes to one product, and the other half to another.</summary>
    [Theory]
    [InlineData("32", "")]
    [InlineData("16", "UnspecifiedBits")]
    public void A_product_that_lacks_lanes_leaves_the_block_open(string lanes, string expected)
    {
        var audit = Audited.Run($"setp.ge.u32 %p, %tx, {lanes};\n@%p bra OTHERS;\n{Product}\nbra END;\nOTHERS:\n{Product}\nEND:", tracks: true);
        Assert.Equal(expected, string.Join(' ', audit.Findings.Select(f => f.Kind).Distinct()));
    }

    /// <summary>A sum that looks like a NaN is a number, though the kernel computes floats too.</summary>
    [Fact]
    public void Sums_and_rows_of_integers_are_no_floats()
    {
        var audit = Audited.Run(
            "add.f32 %f1, %f2, %f3;\nst.global.f32 [%at], %f1;\n" + Rows
                + "st.shared.v4.b32 [%rd1], {-1, 2147483647, 2147483647, 2147483647};\nbar.sync 0;\nldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r3}, [%rd1];\nmov.u32 %r5, 2147483647;\n"
                + Product + "\nst.global.b32 [%at], %r1;",
            bytes: 512);
        Assert.Equal((AuditStatus.Completed, 0), (audit.Status, audit.Writes[0].Unspecified.Length));
        Assert.Equal(int.MaxValue, (int)Audited.Words(audit.Writes[0])[0]);
    }
}
