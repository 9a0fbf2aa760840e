using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Tests;

public class InstructionTableTests
{
    public static TheoryData<string> Opcodes => new(InstructionTable.All.Select(f => f.Opcode).Distinct().Order());

    /// <summary>Writes each form with each choice of its modifiers, and runs what the check lets pass.</summary>
    [Theory]
    [MemberData(nameof(Opcodes))]
    public void Whatever_the_check_passes_compiles_and_runs(string opcode)
    {
        var instructions = InstructionTable.All.Where(f => f.Opcode == opcode).SelectMany(Instances).ToList();
        Assert.NotEmpty(instructions);
        foreach (var instruction in instructions)
        {
            var module = Module.Parse(Text(instruction));
            Assert.Equal((instruction, 0), (instruction, module.CheckSupported().Count));
            var outcome = Run(CompiledKernel.Compile(module, "test"));
            // A trap is what it is for; anything else runs to its end.
            Assert.Equal((instruction, opcode == "trap" ? FaultKind.Trap : null), (instruction, outcome.Fault?.Kind));
        }
    }

    [Theory]
    [InlineData("tex.2d.v4.f32.s32 {%f0, %f1, %f2, %f3}, [out, {%r0, %r1}];", "tex.2d.v4.f32.s32")]
    [InlineData("wgmma.fence.sync.aligned;", "wgmma.fence.sync.aligned")]
    [InlineData("cp.async.bulk.commit_group;", "cp.async.bulk.commit_group")]
    [InlineData("multimem.ld_reduce.global.add.u32 %r0, [out];", "multimem.ld_reduce.global.add.u32")]
    [InlineData("mov.u32 %r0, %reserved_smem_offset_begin;", "the special register %reserved_smem_offset_begin")]
    [InlineData("mov.u32 %r0, %tid.w;", "the special register %tid.w")]
    [InlineData("call (p0), other, (p1);", "a call of 'other', whose body is not in the text")]
    [InlineData("atom.global.cas.b128 %w0, [out], %w1, %w2;", "atom.global.cas.b128")]
    public void What_cannot_run_yet_is_refused_by_name_and_line(string instruction, string name)
    {
        var errors = Module.Parse(Text(instruction)).CheckSupported();
        var error = Assert.Single(errors);
        Assert.Equal((PtxErrorKind.NotSupported, 25), (error.Kind, error.Line));
        Assert.StartsWith(name, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"line 25, column 1: not supported yet: {name}", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("add.u32 %r0, %r1;", "wrong number of operands")]
    [InlineData("add.u32 %r0, %r1, %x0;", "wants 32 bits where %x0 has 64")]
    [InlineData("add.u32 5, %r1, %r2;", "wants a register")]
    [InlineData("add.f32 %f0, %f1, 5;", "cannot take this number")]
    [InlineData("add.u32 %r0, %r1, 0f3F800000;", "cannot take this number")]
    [InlineData("setp.eq.u32 %r0, %r1, %r2;", "wants a predicate")]
    [InlineData("and.b32 %r0, %r1, %q;", "which is .pred")]
    [InlineData("ld.global.u32 %r0, %r1;", "wants an address in brackets")]
    [InlineData("ld.global.v2.u32 %r0, [%x0];", "wants a vector")]
    [InlineData("ld.global.v4.u32 {%r0, %r1}, [%x0];", "has a vector of 2")]
    [InlineData("ld.global.u32 {%r0, %r1}, [%x0];", "has a vector of 2")]
    [InlineData("ld.shared.u32 %r0, [out];", "another state space")]
    [InlineData("ld.param.u64 %x0, [out+4];", "leaves the parameter 'out' of 8 bytes")]
    [InlineData("st.param.u32 [out], %r0;", "writes a parameter of the kernel")]
    [InlineData("cp.async.cg.shared.global [shared], [%x0], 8;", "cannot take the number 8")]
    [InlineData("cp.async.ca.shared.global [local], [%x0], 8;", "another state space")]
    [InlineData("ld.global.L2::cache_hint.u32 %r0, [%x0];", "wrong number of operands")]
    [InlineData("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%r0}, [shared];", "has 1 registers where it wants 2")]
    [InlineData("bra out;", "wants a label")]
    [InlineData("mov.u32 %r0, %clock64;", "reads a special register of 64 bits")]
    [InlineData("mov.u16 %h0, %laneid;", "reads a special register of 32 bits")]
    [InlineData("mov.u32 %r0, %is_explicit_cluster;", "reads a special register that is a predicate")]
    [InlineData("shfl.sync.down.b32 %r0|%r1, %r2, 1, 31, -1;", "wants a predicate for its second result")]
    [InlineData("ld.global.L2::cache_hint.u32 %r0, [%address];", "wrong number of operands")]
    [InlineData("st.global.L2::cache_hint.u32 [%address], %r0, %r1;", "wants 64 bits where %r1 has 32")]
    [InlineData("atom.global.add.v2.f32 %f0, [%address], {%f1, %f2};", "wants a vector")]
    [InlineData("red.global.add.v2.f32 [%address], %f1;", "wants a vector")]
    [InlineData("ld.global.f32 %x0, [%address];", "wants 32 bits where %x0 has 64")]
    [InlineData("brx.idx %r0, NOWHERE;", "'NOWHERE' is not declared")]
    public void Wrong_operands_are_malformed(string instruction, string message)
    {
        var thrown = Assert.Throws<PtxException>(() => Module.Parse(Text(instruction)));
        var error = Assert.Single(thrown.Errors);
        Assert.Equal((PtxErrorKind.Malformed, 25), (error.Kind, error.Line));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static string Text(string instruction) => $$"""
        {{Kernel.Header}}.extern .func (.param .b32 r) other(.param .b32 x); .const .align 32 .b8 constant[64];
        .func (.param .b32 r) helper(.param .b32 x)
        {
        .reg .b32 %r;
        ld.param.b32 %r, [x];
        st.param.b32 [r], %r;
        ret;
        }
        .func nothing() { ret; } .visible .entry test(.param .u64 out)
        {
        .reg .pred %p<9>, %q;
        .reg .b16 %h<9>;
        .reg .b32 %b<9>;
        .reg .u32 %r<9>, %address32;
        .reg .u64 %x<9>, %address;
        .reg .f32 %f<9>;
        .reg .f64 %d<9>; .reg .b128 %w<9>;
        .reg .f16 %s<9>;
        .param .b32 p0, p1;
        .shared .align 32 .b8 shared[512]; .local .align 32 .b8 local[64];
        ld.param.u64 %address, [out];
        {{instruction}}
        TARGET:
        ret;
        targets: .branchtargets TARGET;
        }
        """;

    private static LaunchOutcome Run(CompiledKernel kernel)
    {
        using var memory = new DeviceMemory();
        var buffer = memory.Allocate("out", 512);
        var launch = new KernelLaunch(new Dim3(1, 1, 1), new Dim3(2, 1, 1), 0, BitConverter.GetBytes(buffer.Address));
        return kernel.Run(launch, memory, new RunOptions { MaxThreads = 1 }, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> Instances(InstructionForm form)
    {
        IEnumerable<string[]> modifiers = [[]];
        foreach (var word in form.Pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] choices = word.Trim('{', '}', '<', '>').Split('|');
            // Cache hints by the dozen multiply without meaning anything to the engine: one or none will do.
            if (form.Opcode is "ld" or "st" or "ldu" && word[0] == '{' && !word.Contains("global", StringComparison.Ordinal) && !word.Contains("v2", StringComparison.Ordinal))
                choices = choices[..1];
            if (form.Opcode is "ld" or "st" && choices[0].StartsWith('L')) continue;
            if (form.Opcode is "atom" or "red" && word[0] == '{' && choices[0] != "global") choices = choices[..1];
            var before = modifiers.ToList();
            modifiers = word[0] == '{' ? before.Concat(before.SelectMany(m => choices.Select(c => m.Append(c).ToArray()))) : before.SelectMany(m => choices.Select(c => m.Append(c).ToArray()));
        }

        return modifiers.ToList().Where(m => form.Opcode != "st" || !m.Any(w => w.StartsWith("param", StringComparison.Ordinal))).Select(m => Instance(form, m));
    }

    private static string Instance(InstructionForm form, string[] modifiers)
    {
        var bare = new Instruction(form.Opcode, modifiers, [], 1, 1);
        var operands = form.Shapes.Select((shape, index) => Operand(shape, bare, index)).ToList();
        if (form.Shapes is [.., { Role: OperandRole.Policy }] && !bare.Has(OperandShape.CacheHint)) operands.RemoveAt(operands.Count - 1);
        // The last operand of a call without results is optional, and so is the predicate of a comparison.
        if (form.Shapes.Any(s => s.Optional) && !modifiers.Any(m => m is "and" or "or" or "xor") && form.Opcode is "setp" or "set") operands.RemoveAt(operands.Count - 1);
        // A call by its name has no list of targets; CallTests has those through pointers.
        if (form.Opcode == "call") return form.Operands.StartsWith("args", StringComparison.Ordinal) ? $"{bare.Name} (p0), helper, (p1);" : $"{bare.Name} nothing;";
        if (form.Opcode is not ("mbarrier" or "cp") || !bare.Has("b64")) return $"{bare.Name} {string.Join(", ", operands)};";
        // A barrier in shared memory has to be there first. A generic address of it is where the window of shared memory begins.
        foreach (var (index, shape) in form.Shapes.Index())
        {
            if (shape.Role == OperandRole.Memory) operands[index] = MemoryAccess.SpaceOf(bare) == StateSpace.Shared ? "[shared]" : "[16777216]";
            else if (shape is { Role: OperandRole.Source, TypeRule: "u32" }) operands[index] = "1";
        }

        return $"mbarrier.init.shared.b64 [shared], 9; {bare.Name} {string.Join(", ", operands)};";
    }

    private static string Operand(OperandShape shape, Instruction bare, int index)
    {
        switch (shape.Role)
        {
            case OperandRole.Memory: return Place(bare, shape.Space ?? MemoryAccess.SpaceOf(bare));
            case OperandRole.Predicate: return index == 2 ? "!%q" : "%q";
            case OperandRole.PredicateOut: return "%p0";
            case OperandRole.Target: return "TARGET";
            case OperandRole.TargetList: return "targets";
            case OperandRole.Number: return shape.TypeRule.Length > 0 ? shape.TypeRule.Split('|')[0] : "1";
            case OperandRole.Barrier: return "1";
            case OperandRole.Mask: return "-1";
            case OperandRole.Fragment or OperandRole.FragmentResult:
                return $"{{{string.Join(", ", Enumerable.Range(0, shape.Count).Select(i => Name(shape.TypeIn(bare), i)))}}}";
            case OperandRole.ThreadCount: return "32";
            case OperandRole.DestinationPair: return $"{Name(shape.TypeIn(bare), index)}|%q";
            case OperandRole.Callee: return "helper";
            case OperandRole.Arguments: return index == 0 ? "(p0)" : "(p1)";
        }

        var type = shape.TypeIn(bare);
        var name = Name(type, index);
        var width = MemoryAccess.ElementsOf(bare);
        return shape.Elements == VectorRule.Each && width > 1
            ? $"{{{string.Join(", ", Enumerable.Range(0, width).Select(i => Name(type, i)))}}}"
            : name;
    }

    private static string Place(Instruction bare, StateSpace space) => space switch
    {
        StateSpace.Shared => "[shared]",
        StateSpace.Local => "[local]",
        StateSpace.Parameter => bare.Type.Bytes * (MemoryAccess.ElementsOf(bare)) > 8 ? "[%address]" : "[out]",
        StateSpace.Constant => "[constant]",
        _ => "[%address+32]",
    };

    private static string Name(ScalarType type, int index) => (type.Class, type.Bits) switch
    {
        (TypeClass.Predicate, _) => $"%p{index}",
        (TypeClass.Float, 16) => $"%s{index}",
        (TypeClass.Float, 32) => $"%f{index}",
        (TypeClass.Float, 64) => $"%d{index}",
        (_, 128) => $"%w{index}",
        (_, 64) => $"%x{index}",
        (_, 32) => $"%r{index}",
        (_, 16) => $"%h{index}",
        _ => $"%r{index}",
    };
}
