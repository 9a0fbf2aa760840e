using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Is an access whose place in its buffer is affine, and what is sure to hold where it is made.</summary>
internal sealed record AffineAccess(KernelAccess Access, AffineForm Offset, Facts Facts)
{
    public int Bytes => Access.Access.Bytes;

    public bool IsWithin(long bufferBytes) =>
        Facts.ProveNotNegative(Offset) && Offset.Times(-1)?.Plus(bufferBytes - Bytes) is { } left && Facts.ProveNotNegative(left);
}

/// <summary>Gives accesses their affine places, as far as they have one.</summary>
internal sealed class AccessForms
{
    private readonly FindAffineValues _values;
    private readonly FindDataDependence _dependence;
    private readonly SsaForm _form;
    private readonly KernelPlan _plan;

    public AccessForms(KernelPlan plan, FindPointers pointers, KernelLaunch launch)
    {
        _plan = plan;
        _form = BuildSsa.Run(FlowGraph.Whole(plan.Blocks), plan.Live, plan.Carry);
        _values = FindAffineValues.Run(plan, _form, pointers, launch);
        _dependence = FindDataDependence.Run(plan, _form);
        BlockIndex = _values.Launch.BlockIndex;
    }

    public Unknown[] BlockIndex { get; }

    /// <summary>Gets the block whose end, by loaded data, decides whether an access is made.</summary>
    public BasicBlock? FindControl(KernelAccess access) => _dependence.FindControl(access.Block);

    public bool DependsOnData(KernelAccess access) => _dependence.Reads(access.Instruction, access.Place);

    /// <summary>Gives the place of an access in its one buffer, or null.</summary>
    public AffineAccess? Find(KernelAccess access)
    {
        var value = _values.Of(access.Instruction, access.Place);
        if (access.Roots.Count != 1 || value.Form is null || value.Root is null || !access.Roots.Contains(value.Root)) return null;
        return new AffineAccess(access, value.Form, new Facts(_values.ConditionsAt(access.Block)));
    }

    /// <summary>Finds a register that an instruction reads and that surely nothing was written to: it holds what the machine left there.</summary>
    public Register? FindUnwritten(Instruction instruction) =>
        Registers.ReadBy(instruction, _plan.Carry).FirstOrDefault(r => _form.ReadBy(instruction, r) is SsaInitial);

    /// <summary>Says whether a sum may take the borrow of a difference for its carry, or the other way around.</summary>
    /// <remarks>PTX ISA 9.7.2 has a borrow of 1 where GPUs keep the carry of the sum with the complement, so results of code that mixes them differ.</remarks>
    public bool TakesForeignCarry(Instruction instruction)
    {
        if (!instruction.Has(Traits.ReadsCarry)) return false;
        var seen = new HashSet<SsaValue>();
        var open = new Stack<SsaValue>([_form.ReadBy(instruction, _plan.Carry)]);
        while (open.TryPop(out var value))
        {
            if (!seen.Add(value)) continue;
            if (value is SsaResult { Instruction: var maker } && IsDifference(maker) != IsDifference(instruction)) return true;
            foreach (var input in (value as SsaPhi)?.Inputs.Values.AsEnumerable() ?? []) open.Push(input);
        }

        return false;

        static bool IsDifference(Instruction instruction) => instruction.Opcode is "sub" or "subc";
    }

    /// <summary>Finds such a register that decides where a block leads, or that a thread brings to a wait.</summary>
    public Register? FindUnwritten(BasicBlock block) => Registers.ReadBy(block.End).FirstOrDefault(r => _form.ReadAtEnd(block, r) is SsaInitial);

    /// <summary>Says whether all addresses that an instruction reads surely lie in what they point into, or at its end.</summary>
    public bool AreInside(BasicBlock block, Instruction instruction)
    {
        var facts = new Facts(_values.ConditionsAt(block));
        return instruction.Operands.Skip(1).Where(o => o is RegisterOperand or SymbolOperand).Select(o => _values.Of(instruction, o)).All(value =>
            value is { Root: { } root, Form: { } form }
                && facts.ProveNotNegative(form) && form.Times(-1)?.Plus(root.Bytes) is { } left && facts.ProveNotNegative(left));
    }
}
