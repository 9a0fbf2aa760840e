using Broker.Ptx.Emit;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Tests.Passes;

/// <summary>Shows the flow graph, the loops and the values of small kernels.</summary>
public class SsaTests
{
    private const string Nested = """
        mov.u32 %r2, 0;
        OUTER:
        mov.u32 %r3, 0;
        INNER:
        add.u32 %r3, %r3, %r2;
        setp.lt.u32 %p, %r3, %r1;
        @%p bra INNER;
        add.u32 %r2, %r2, 1;
        setp.lt.u32 %q, %r2, %r1;
        @%q bra OUTER;
        st.global.u32 [%rd0], %r3;
        """;

    [Fact]
    public void Loops_nest_and_know_their_blocks()
    {
        var graph = FlowGraph.Whole(Plan(Nested).Blocks);
        var forest = FindLoops.Run(graph);
        Assert.True(forest.Reducible);
        Assert.Equal(["1: 1 2 3", "2: 2 in 1"], forest.Loops.Select(l =>
            $"{l.Header}: {string.Join(' ', l.Blocks.Order())}{(l.Parent is { } parent ? $" in {parent.Header}" : "")}"));
        Assert.Equal([0, 0, 1, 2, 3], graph.ImmediateDominators);
        Assert.Equal([1, 2, 3, 4, -1], graph.ImmediatePostDominators);
    }

    [Fact]
    public void A_cycle_with_two_ways_in_is_not_reducible() =>
        Assert.False(FindLoops.Run(FlowGraph.Whole(Plan("@%p bra B;\nA:\nadd.u32 %r2, %r2, 1;\nB:\nsetp.lt.u32 %q, %r2, %r1;\n@%q bra A;").Blocks)).Reducible);

    [Fact]
    public void A_region_ends_at_its_barriers()
    {
        var blocks = Plan("LOOP:\nbar.sync 0;\nadd.u32 %r2, %r2, 1;\nsetp.lt.u32 %p, %r2, %r1;\n@%p bra LOOP;").Blocks;
        Assert.Single(FindLoops.Run(FlowGraph.Whole(blocks)).Loops);
        Assert.Empty(FindLoops.Run(FlowGraph.Region(blocks[^1])).Loops);
    }

    [Fact]
    public void Values_join_where_several_writes_of_a_register_meet()
    {
        var plan = Plan("mov.u32 %r2, 0;\nLOOP:\nadd.u32 %r2, %r2, 1;\nsetp.lt.u32 %p, %r2, %r1;\n@%p bra LOOP;\nst.global.u32 [%rd0], %r2;");
        var form = BuildSsa.Run(FlowGraph.Whole(plan.Blocks), plan.Live, plan.Carry);
        var phi = Assert.Single(form.Phis);
        var add = plan.Blocks[1].Instructions[0];
        Assert.Equal(("%r2", plan.Blocks[1]), (phi.Register.Name, phi.Block));
        Assert.Same(phi, form.ReadBy(add, phi.Register));
        Assert.Same(form.ResultOf(add, phi.Register), phi.Inputs[plan.Blocks[1]]);
        Assert.Equal("mov", Assert.IsType<SsaResult>(phi.Inputs[plan.Blocks[0]]).Instruction.Opcode);
        Assert.Same(form.ResultOf(add, phi.Register), form.ReadBy(plan.Blocks[2].Instructions[0], phi.Register));
    }

    [Fact]
    public void A_join_of_a_register_that_is_not_read_again_has_no_value()
    {
        var plan = Plan("@%p bra ELSE;\nmov.u32 %r2, 1;\nmov.u32 %r3, 1;\nbra JOIN;\nELSE:\nmov.u32 %r2, 2;\nmov.u32 %r3, 2;\nJOIN:\nst.global.u32 [%rd0], %r3;");
        var form = BuildSsa.Run(FlowGraph.Whole(plan.Blocks), plan.Live, plan.Carry);
        Assert.Equal("%r3", Assert.Single(form.Phis).Register.Name);
        Assert.IsType<SsaInitial>(form.ReadAtEnd(plan.Blocks[0], plan.Blocks[0].End is Branch { Predicate: Syntax.RegisterOperand p } ? p.Register : null!));
    }

    private static KernelPlan Plan(string body) => Module.Parse(Kernel.Text(body)).PlanOf("test");
}
