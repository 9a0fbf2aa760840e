using System.Reflection.Emit;
using Broker.Ptx.Audit;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;
using Label = System.Reflection.Emit.Label;

namespace Broker.Ptx.Emit;

/// <summary>Emits one method a region, with the loop over the threads of a block inside it.</summary>
internal sealed class RegionEmitter
{
    private readonly KernelPlan _plan;
    private readonly Region _region;
    private readonly ILGenerator _il;
    private readonly ScalarEmitter _emitter;
    private readonly ThreadFrame _frame;
    private readonly Dictionary<BasicBlock, Label> _labels = [];
    private readonly HashSet<BasicBlock> _loopHeads;
    private readonly RegionShell _shell;
    private readonly Label _nextThread;

    private RegionEmitter(KernelPlan plan, Region region, ILGenerator il)
    {
        (_plan, _region, _il) = (plan, region, il);
        _emitter = new ScalarEmitter(il, plan);
        _frame = new ThreadFrame(_emitter, plan, region);
        _shell = new RegionShell(_emitter);
        _nextThread = il.DefineLabel();
        _loopHeads = [.. region.Blocks.Where(b => b.End is not Wait).SelectMany(b => b.End.Successors.Where(s => s.Index <= b.Index))];
        foreach (var block in region.Blocks) _labels[block] = il.DefineLabel();
    }

    public static RegionCode Run(KernelPlan plan, Region region) =>
        RegionShell.Make(plan.Name, il => new RegionEmitter(plan, region, il).Emit());

    /// <summary>Emits the blocks first, and then the prologue, which has to know what they use.</summary>
    private void Emit()
    {
        var (prologue, thread) = (_il.DefineLabel(), _il.DefineLabel());
        _il.Emit(OpCodes.Br, prologue);
        foreach (var block in _region.Blocks) Emit(block);
        EmitNextThread(thread);
        EmitThreadStart(thread);
        _il.MarkLabel(prologue);
        _shell.Close(thread);
    }

    private void Emit(BasicBlock block)
    {
        _il.MarkLabel(_labels[block]);
        _shell.TakeFuel(() => _il.Emit(OpCodes.Ldc_I8, (long)block.Weight));
        if (_loopHeads.Contains(block)) _shell.CheckFuel(block.Line);
        _frame.Restore(block);
        foreach (var instruction in block.Instructions) _emitter.Emit(instruction);
        _emitter.EndBlock();
        var following = block.Index + 1 < _plan.Blocks.Count ? _plan.Blocks[block.Index + 1] : null;
        switch (block.End)
        {
            case Jump jump: BranchUnless(jump.Target, following); break;
            case Branch branch: Emit(branch, following); break;
            case IndexedBranch indexed: Emit(indexed); break;
            case Wait wait: Emit(wait); break;
            case Trap trap: _shell.Trap(trap); break;
            default: Leave(); break;
        }
    }

    private void BranchUnless(BasicBlock target, BasicBlock? following)
    {
        // The block that follows in the kernel may not be part of this region.
        if (target != following || !_labels.ContainsKey(target)) _il.Emit(OpCodes.Br, _labels[target]);
    }

    private void Emit(Branch branch, BasicBlock? following)
    {
        var negated = branch.Predicate as NegatedOperand;
        _emitter.LoadPredicate(negated?.Inner ?? branch.Predicate);
        _il.Emit(negated is null ? OpCodes.Brtrue : OpCodes.Brfalse, _labels[branch.Taken]);
        BranchUnless(branch.Otherwise, following);
    }

    private void Emit(IndexedBranch indexed)
    {
        if (_plan.Marks is not null) AccessMarks.MarkIndex(_emitter, indexed);
        _emitter.LoadObserved(indexed.Index, ScalarType.U32);
        _il.Emit(OpCodes.Switch, [.. indexed.Targets.Select(t => _labels[t])]);
        // An index beyond the list is undefined (PTX ISA 9.7.12.3); here it takes the last.
        _il.Emit(OpCodes.Br, _labels[indexed.Targets[^1]]);
    }

    private void Emit(Wait wait)
    {
        var site = _plan.Regions.SiteOf(wait);
        _plan.Marks?.MarkOperands(_emitter, wait.Instruction);
        ExchangeEmission.Save(_emitter, site);
        _frame.Save(wait);
        GoOnAt(site.Entry);
    }

    private void Leave()
    {
        if (_plan.HasBarriers) GoOnAt(BlockState.Left);
        else _il.Emit(OpCodes.Br, _nextThread);
    }

    /// <summary>Notes where this thread waits, and lets the next one run.</summary>
    private void GoOnAt(int entry)
    {
        _shell.LoadEntryPlace();
        _il.Emit(OpCodes.Ldc_I4, entry);
        _il.Emit(OpCodes.Stind_I4);
        _shell.Together.Note(entry);
        _il.Emit(OpCodes.Br, _nextThread);
    }

    private void EmitNextThread(Label thread)
    {
        _il.MarkLabel(_nextThread);
        _shell.CheckFuel(_region.Blocks[0].Line);
        _shell.MoveOn(1, thread);
        _shell.Return();
    }

    private void EmitThreadStart(Label thread)
    {
        _il.MarkLabel(thread);
        _shell.NoteThread(() => _il.Emit(OpCodes.Ldloc, _emitter.Thread));
        if (_plan.Memory.LocalBytes > 0) StartLocalMemory();
        if (!_plan.HasBarriers)
        {
            _frame.Clear();
            _il.Emit(OpCodes.Br, _labels[_plan.Regions.Starts[0]]);
            return;
        }

        // Threads that have left the kernel, or wait for others, enter no region.
        var entries = _region.Entries.Select(_ => _il.DefineLabel()).ToArray();
        _shell.LoadEntryPlace();
        _il.Emit(OpCodes.Ldind_I4);
        _il.Emit(OpCodes.Ldc_I4, _region.Entries[0]);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Switch, entries);
        _il.Emit(OpCodes.Br, _nextThread);
        foreach (var (entry, label) in _region.Entries.Zip(entries))
        {
            _il.MarkLabel(label);
            if (entry == 0) _frame.Clear();
            else _frame.Restore(entry);
            _il.Emit(OpCodes.Br, _labels[_plan.Regions.Starts[entry]]);
        }
    }

    private void StartLocalMemory()
    {
        _il.Emit(OpCodes.Ldarg_0);
        _emitter.Call(typeof(BlockState), nameof(BlockState.StartLocal));
        _il.Emit(OpCodes.Stloc, _emitter.LocalMemory);
        _emitter.ForgetGenericBuffers();
    }
}
