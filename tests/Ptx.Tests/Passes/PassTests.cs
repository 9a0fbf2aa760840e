using Broker.Ptx.Canonical;
using Broker.Ptx.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Tests.Passes;

/// <summary>Shows what the passes make of small kernels, before and after in one place.</summary>
public class PassTests
{
    [Fact]
    public void Predicates_become_branches_and_dead_code_goes()
    {
        Assert.Equal(
            """
            0: mov; if %p -> 1 else 2
            1: add; -> 2
            2: if !%p -> 3 else 4
            3: trap
            4: sub; leave
            """,
            Show(Plan("mov.u32 %r2, 1;\n@%p add.u32 %r2, %r2, 1;\n@!%p trap;\nsub.u32 %r2, %r2, 1;\nret;\nadd.u32 %r3, %r3, 1;")));
    }

    [Fact]
    public void Loops_and_labels_become_blocks()
    {
        Assert.Equal(
            """
            0: mov; -> 1
            1: add setp; if %p -> 1 else 2
            2: leave
            """,
            Show(Plan("mov.u32 %r2, 0;\nLOOP:\nadd.u32 %r2, %r2, 1;\nsetp.lt.u32 %p, %r2, %r1;\n@%p bra LOOP;")));
    }

    [Fact]
    public void Barriers_split_a_kernel_into_regions()
    {
        var plan = Plan("mov.u32 %r2, 0;\nLOOP:\nbar.sync 0;\nadd.u32 %r2, %r2, 1;\nsetp.lt.u32 %p, %r2, %r1;\n@%p bra LOOP;\nst.global.u32 [%rd0], %r2;");
        Assert.Equal(
            """
            0: mov; -> 1
            1: barrier, then 2
            2: add setp; if %p -> 1 else 3
            3: st; leave
            """,
            Show(plan));
        Assert.Equal(["0: 0 1", "1: 1 2 3"], plan.Regions.Regions.Select(r => $"{r.Entries[0]}: {string.Join(' ', r.Blocks.Select(b => b.Index))}"));
        Assert.Equal(["%r1", "%r2", "%rd0"], plan.Regions.FrameOffsets.Keys.Select(r => r.Name).Order());
    }

    [Fact]
    public void Calls_give_way_to_the_body_of_the_function()
    {
        var text = Kernel.Text("call.uni twice;\ncall.uni twice;").Replace(
            ".visible", ".func twice() { .reg .pred %q; @%q ret; trap; }\n.visible", StringComparison.Ordinal);
        Assert.Equal(
            """
            0: if %q -> 2 else 1
            1: trap
            2: if %q -> 4 else 3
            3: trap
            4: leave
            """,
            Show(Plan(text, whole: true)));
    }

    [Theory]
    [InlineData("add.f32 %f1, %f2, %f3;", Slot.F32, false)]
    [InlineData("ld.global.f32 %f1, [%rd0];", Slot.F32, true)]
    [InlineData("ld.global.f32 %f1, [%rd0];\nadd.f32 %f1, %f1, %f1;", Slot.F32, true)]
    [InlineData("mov.f32 %f1, 0f00000000;", Slot.F32, true)]
    [InlineData("mov.f32 %f1, 0f00000000;\nfma.rn.f32 %f1, %f1, %f1, %f1;", Slot.F32, false)]
    [InlineData("mov.f32 %f1, 0f7FC00001;\nfma.rn.f32 %f1, %f1, %f1, %f1;", Slot.F32, true)]
    [InlineData("add.f32 %f2, %f3, %f3;\nmov.f32 %f1, %f2;", Slot.F32, false)]
    [InlineData("ld.global.f32 %f2, [%rd0];\nadd.f32 %f1, %f1, %f1;\nmov.f32 %f1, %f2;", Slot.F32, true)]
    public void Registers_that_only_arithmetic_writes_need_no_exact_bits(string body, object slot, bool exact)
    {
        var plan = Plan(body + "\nst.global.f32 [%rd0], %f1;");
        Assert.Equal(new Representation((Slot)slot, exact), plan.Representations.First(r => r.Key.Name == "%f1").Value);
    }

    [Fact]
    public void Addresses_know_the_parameter_that_they_come_from()
    {
        var plan = Plan("mad.wide.u32 %rd1, %r1, 4, %out;\ncvta.to.global.u64 %rd2, %rd1;\nsub.u64 %rd3, %rd2, %rd1;\nld.global.u64 %rd4, [%rd2];\nst.global.u64 [%rd4], %rd3;");
        Assert.Equal(["%out", "%rd0", "%rd1", "%rd2", "%rd3"], plan.Roots.Where(r => r.Value is (Variable { Name: "out" }, 0L)).Select(r => r.Key.Name).Order());
    }

    [Fact]
    public void Accesses_at_fixed_distances_share_a_check_until_their_register_changes()
    {
        var plan = Plan("""
            ld.global.u32 %r2, [%rd0+8];
            ld.global.u32 %r3, [%rd0];
            st.global.u32 [%rd0+16], %r3;
            ld.global.u16 %r4, [%rd0+4];
            ld.global.u32 %r4, [%rd0+8192];
            add.u64 %rd0, %rd0, 4;
            ld.global.u32 %r4, [%rd0];
            """);
        Assert.Equal(
            ["0..20 writes: 14 15 16", "4..6 reads: 17", "8192..8196 reads: 18", "0..4 reads: 20"],
            plan.AllGroups.Skip(2).Select(g => $"{g.First}..{g.First + g.Span} {(g.Writes ? "writes" : "reads")}: {string.Join(' ', g.Sites.Select(s => s.Line))}"));
    }

    [Fact]
    public void Very_many_barriers_are_refused()
    {
        var errors = Module.Parse(Kernel.Text(string.Concat(Enumerable.Repeat("bar.sync 0;\n", 1025)))).CheckSupported();
        Assert.Equal("line 1038, column 1: not supported yet: kernels of more than 1024 barriers and warp collectives", Assert.Single(errors).ToString());
    }

    private static KernelPlan Plan(string body, bool whole = false) => Module.Parse(whole ? body : Kernel.Text(body)).PlanOf("test");

    /// <summary>Shows blocks without the four instructions with which every test kernel starts.</summary>
    private static string Show(KernelPlan plan) => string.Join('\n', plan.Blocks.Select(block =>
    {
        var names = block.Instructions.Skip(block.Index == 0 ? 4 : 0).Select(i => i.Opcode).ToList();
        return $"{block.Index}: {string.Join(' ', names)}{(names.Count > 0 ? "; " : "")}{Show(block.End)}";
    }));

    private static string Show(Terminator end) => end switch
    {
        Jump jump => $"-> {jump.Target.Index}",
        Branch branch => $"if {PtxWriter.Text(branch.Predicate)} -> {branch.Taken.Index} else {branch.Otherwise.Index}",
        Wait wait => $"{(wait is BarrierWait ? "barrier" : wait.Instruction.Opcode)}, then {wait.Next.Index}",
        Trap => "trap",
        _ => "leave",
    };
}
