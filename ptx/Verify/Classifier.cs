using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Says how the result of a launch can be verified.</summary>
/// <remarks>Pure: it reads the program and the shape of the launch, and runs nothing. Where it cannot tell, it says the weaker class.</remarks>
public static class Classifier
{
    // PTX ISA 10: those that the place of a thread in its launch decides, and nothing else.
    private static readonly string[] Specials =
        ["%tid", "%ntid", "%ctaid", "%nctaid", "%laneid", "%lanemask_eq", "%lanemask_le", "%lanemask_lt", "%lanemask_ge", "%lanemask_gt"];

    /// <param name="pointers">Which of the launch's parameters are addresses of buffers; the bytes that stand there do not count.</param>
    /// <exception cref="PtxException">The module has what <see cref="Module.CheckSupported"/> lists.</exception>
    /// <exception cref="ArgumentException">The module has no such kernel, or the launch does not fit it.</exception>
    public static Classification Classify(Module module, string entry, KernelLaunch launch, IReadOnlyList<LaunchPointer> pointers)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(launch);
        ArgumentNullException.ThrowIfNull(pointers);
        var plan = module.PlanOf(entry);
        var signature = module.Kernels.First(k => k.Name == entry);
        if (LaunchLimits.Check(signature, launch) is { } refusal) throw new ArgumentException(refusal, nameof(launch));
        if (FlowGraph.Whole(plan.Blocks).IsKnotted())
            return new Classification(KernelClass.Unverifiable, [new ClassReason(KernelClass.Unverifiable, signature.Line, "its branches and loops lie in too many others to be looked at", "split the kernel")]);
        var found = FindPointers.Run(plan, pointers);
        var accesses = FindAccesses.Run(plan, found);
        var forms = new AccessForms(plan, found, launch);
        var reasons = FunctionReasons(module).Concat(InstructionReasons(plan)).Concat(LaneReasons(plan, launch)).Concat(PointerReasons(plan, found, forms)).Concat(UnwrittenReasons(plan, forms)).Concat(new AccessRules(plan, accesses, forms).Check()).ToList();
        return new Classification(
            reasons.Select(r => r.Class).Append(KernelClass.Exact).Max(),
            [.. reasons.Distinct().OrderBy(r => r.Line).ThenByDescending(r => r.Class)]);
    }

    // A pointer to a function is a number that a machine chose, wherever it goes.
    private static IEnumerable<ClassReason> FunctionReasons(Module module) => module.Image.TakesFunction is { } line
        ? [new ClassReason(KernelClass.Unverifiable, line, "takes the address of a function, which is not the same on every machine", "call functions by their names")]
        : [];

    private static IEnumerable<ClassReason> InstructionReasons(KernelPlan plan)
    {
        foreach (var instruction in plan.Blocks.SelectMany(Instructions))
        {
            var written = instruction.Origin ?? instruction;
            var exactness = ExactnessTable.Of(written);
            if (exactness == Exactness.Approximate)
                yield return new ClassReason(KernelClass.SameArch, written.Line, $"`{written.Name}` is approximate", Remedies.For(written));
            if (exactness == Exactness.Unlisted)
                yield return new ClassReason(KernelClass.Unverifiable, written.Line, $"`{written.Name}` is not known to do the same on every machine", Remedies.For(written));
            foreach (var special in instruction.Operands.OfType<SpecialOperand>().Where(s => !Specials.Contains(s.Name.Split('.')[0])))
                yield return new ClassReason(KernelClass.Unverifiable, instruction.Line, $"`{special.Name}` differs between machines", "compute it from %tid and %ctaid");
        }
    }

    // A matrix has a part in each lane of a warp. That all lanes come there together, audits see.
    private static IEnumerable<ClassReason> LaneReasons(KernelPlan plan, KernelLaunch launch) => launch.Block.Count % SpecialRegisters.WarpSize == 0
        ? []
        : plan.Blocks.Select(b => b.End).OfType<CollectiveWait>().Where(w => w.Instruction.Form!.Shapes.Any(s => s.Role == OperandRole.Fragment))
            .Select(w => new ClassReason(KernelClass.Unverifiable, w.Instruction.Line, $"`{w.Instruction.Name}` lacks lanes in the last warp of a block of {launch.Block.Count} threads", "launch blocks of whole warps"));

    private static IEnumerable<ClassReason> UnwrittenReasons(KernelPlan plan, AccessForms forms)
    {
        foreach (var block in plan.Blocks)
            if (forms.FindUnwritten(block) is { } register)
                yield return new ClassReason(KernelClass.Unverifiable, block.Line, $"what ends a block of instructions reads '{register.Name}', to which nothing was written", "write to it first");
        foreach (var instruction in plan.Blocks.SelectMany(b => b.Instructions).Where(forms.TakesForeignCarry))
            yield return new ClassReason(KernelClass.Unverifiable, instruction.Line, $"`{instruction.Name}` takes the borrow of a difference for a carry, or a carry for a borrow, which GPUs keep the other way around", "keep sums and differences apart");
        foreach (var instruction in plan.Blocks.SelectMany(b => b.Instructions))
            if (forms.FindUnwritten(instruction) is { } register)
                yield return new ClassReason(KernelClass.Unverifiable, instruction.Line, $"`{instruction.Name}` reads '{register.Name}', to which nothing was written", "write to it first");
    }

    private static IEnumerable<Instruction> Instructions(BasicBlock block) => block.End switch
    {
        Wait wait => block.Instructions.Append(wait.Instruction),
        Trap trap => block.Instructions.Append(trap.Instruction),
        _ => block.Instructions,
    };

    private static IEnumerable<ClassReason> PointerReasons(KernelPlan plan, FindPointers pointers, AccessForms forms)
    {
        foreach (var (instruction, root) in pointers.Leaks)
            yield return new ClassReason(KernelClass.Unverifiable, instruction.Line, $"`{instruction.Name}` makes data of the address of {root}", Remedies.Addresses);
        foreach (var test in plan.Blocks.SelectMany(b => b.Instructions.Where(i => pointers.Tests.Contains(i) && !forms.AreInside(b, i))))
            yield return new ClassReason(KernelClass.Unverifiable, test.Line, $"`{test.Name}` asks where an address lies that may be outside of every buffer", Remedies.Addresses);
        foreach (var block in plan.Blocks)
            if (block.End is IndexedBranch indexed && pointers.Of(indexed.Index).FirstOrDefault() is { } root)
                yield return new ClassReason(KernelClass.Unverifiable, block.Line, $"a branch depends on the address of {root}", Remedies.Addresses);
    }
}
