using System.Diagnostics;
using System.Reflection.Emit;
using Broker.Ptx.Instructions;
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
    private readonly List<Action> _slowPaths = [];
    private readonly HashSet<BasicBlock> _loopHeads;
    private readonly Together _together;
    private readonly Label _nextThread;

    private RegionEmitter(KernelPlan plan, Region region, ILGenerator il)
    {
        (_plan, _region, _il) = (plan, region, il);
        _emitter = new ScalarEmitter(il, plan);
        _frame = new ThreadFrame(_emitter, plan, region);
        _together = new Together(il);
        _nextThread = il.DefineLabel();
        _loopHeads = [.. region.Blocks.Where(b => b.End is not Wait).SelectMany(b => b.End.Successors.Where(s => s.Index <= b.Index))];
        foreach (var block in region.Blocks) _labels[block] = il.DefineLabel();
    }

    public static RegionCode Run(KernelPlan plan, Region region)
    {
        var method = new DynamicMethod(plan.Name, typeof(int), [typeof(BlockState), typeof(int), typeof(int)], typeof(BlockState).Module, skipVisibility: true);
        new RegionEmitter(plan, region, method.GetILGenerator()).Emit();
        return method.CreateDelegate<RegionCode>();
    }

    /// <summary>Emits the blocks first, and then the prologue, which has to know what they use.</summary>
    private void Emit()
    {
        var (prologue, thread) = (_il.DefineLabel(), _il.DefineLabel());
        _il.Emit(OpCodes.Br, prologue);
        foreach (var block in _region.Blocks) Emit(block);
        EmitNextThread(thread);
        EmitThreadStart(thread);
        _il.MarkLabel(prologue);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldfld, Field(nameof(BlockState.Fuel)));
        _il.Emit(OpCodes.Stloc, _emitter.Fuel);
        _emitter.LoadLaunchValues();
        _emitter.LoadSharedLimits();
        _emitter.StartAtFirstThread();
        _together.Begin();
        _il.Emit(OpCodes.Br, thread);
        _emitter.EmitSlowPaths();
        foreach (var slowPath in _slowPaths) slowPath();
        _il.MarkLabel(_emitter.Fault);
        Return(() => _il.Emit(OpCodes.Ldc_I4, RegionMethod.Fault));
    }

    private void Emit(BasicBlock block)
    {
        _il.MarkLabel(_labels[block]);
        EmitCost(block);
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
            case Trap trap: Emit(trap); break;
            default: Leave(); break;
        }
    }

    /// <summary>Takes the block's instructions off the budget, and where threads may come around again looks whether it is spent.</summary>
    private void EmitCost(BasicBlock block)
    {
        _il.Emit(OpCodes.Ldloc, _emitter.Fuel);
        _il.Emit(OpCodes.Ldc_I8, (long)block.Weight);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Stloc, _emitter.Fuel);
        if (_loopHeads.Contains(block)) CheckFuel(block.Line);
    }

    /// <summary>Leaves the loop where the budget is spent or someone wants the block to stop.</summary>
    /// <remarks>Nothing here calls out and comes back: around a call the JIT would keep every float in memory.</remarks>
    private void CheckFuel(int line)
    {
        var stop = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, _emitter.Fuel);
        _il.Emit(OpCodes.Ldc_I8, 0L);
        _il.Emit(OpCodes.Blt, stop);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Volatile);
        _il.Emit(OpCodes.Ldfld, Field(nameof(BlockState.Stop)));
        _il.Emit(OpCodes.Brtrue, stop);
        _slowPaths.Add(() =>
        {
            _il.MarkLabel(stop);
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Ldloc, _emitter.Fuel);
            _il.Emit(OpCodes.Ldc_I4, line);
            _emitter.Call(typeof(BlockState), nameof(BlockState.NoteStop));
            _il.Emit(OpCodes.Br, _emitter.Fault);
        });
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
        _emitter.LoadObserved(indexed.Index, ScalarType.U32);
        _il.Emit(OpCodes.Switch, [.. indexed.Targets.Select(t => _labels[t])]);
        // An index beyond the list is undefined (PTX ISA 9.7.12.3); here it takes the last.
        _il.Emit(OpCodes.Br, _labels[indexed.Targets[^1]]);
    }

    private void Emit(Wait wait)
    {
        var site = _plan.Regions.SiteOf(wait);
        ExchangeEmission.Save(_emitter, site);
        _frame.Save(wait);
        GoOnAt(site.Entry);
    }

    private void Emit(Trap trap)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldc_I4, trap.Instruction.Line);
        for (var i = 0; i < trap.Instruction.Operands.Count; i++) _emitter.Load(trap.Instruction, i);
        _emitter.Call(typeof(BlockState), trap.Instruction.Opcode switch
        {
            SystemCalls.FailAssertion => nameof(BlockState.FailAssertion),
            SystemCalls.Nowhere => nameof(BlockState.FailCall),
            _ => nameof(BlockState.Trap),
        });
        _il.Emit(OpCodes.Br, _emitter.Fault);
    }

    private void Leave()
    {
        if (_plan.HasBarriers) GoOnAt(BlockState.Left);
        else _il.Emit(OpCodes.Br, _nextThread);
    }

    /// <summary>Notes where this thread waits, and lets the next one run.</summary>
    private void GoOnAt(int entry)
    {
        LoadEntryPlace();
        _il.Emit(OpCodes.Ldc_I4, entry);
        _il.Emit(OpCodes.Stind_I4);
        _together.Note(entry);
        _il.Emit(OpCodes.Br, _nextThread);
    }

    private void LoadEntryPlace()
    {
        _il.Emit(OpCodes.Ldloc, _emitter.LaunchValue(nameof(BlockState.Entries)));
        _il.Emit(OpCodes.Ldloc, _emitter.Thread);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Ldc_I4, sizeof(int));
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Add);
    }

    private void EmitNextThread(Label thread)
    {
        var rowEnd = _il.DefineLabel();
        _il.MarkLabel(_nextThread);
        CheckFuel(_region.Blocks[0].Line);
        Increment(_emitter.Thread);
        Increment(_emitter.Position[0]);
        Advance(0, nameof(BlockState.ThreadsX), rowEnd);
        Advance(1, nameof(BlockState.ThreadsY), rowEnd);
        _il.MarkLabel(rowEnd);
        _il.Emit(OpCodes.Ldloc, _emitter.Thread);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Blt, thread);
        Return(_together.LoadPlace);
    }

    /// <summary>Carries over to the next axis where this one is at its end.</summary>
    private void Advance(int axis, string extent, Label done)
    {
        _il.Emit(OpCodes.Ldloc, _emitter.Position[axis]);
        _il.Emit(OpCodes.Ldloc, _emitter.LaunchValue(extent));
        _il.Emit(OpCodes.Bne_Un, done);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Stloc, _emitter.Position[axis]);
        Increment(_emitter.Position[axis + 1]);
    }

    private void Increment(LocalBuilder local)
    {
        _il.Emit(OpCodes.Ldloc, local);
        _il.Emit(OpCodes.Ldc_I4_1);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, local);
    }

    private void EmitThreadStart(Label thread)
    {
        _il.MarkLabel(thread);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldloc, _emitter.Thread);
        _il.Emit(OpCodes.Stfld, Field(nameof(BlockState.Thread)));
        if (_plan.Memory.LocalBytes > 0) StartLocalMemory();
        if (!_plan.HasBarriers)
        {
            _frame.Clear();
            _il.Emit(OpCodes.Br, _labels[_plan.Regions.Starts[0]]);
            return;
        }

        // Threads that have left the kernel, or wait for others, enter no region.
        var entries = _region.Entries.Select(_ => _il.DefineLabel()).ToArray();
        LoadEntryPlace();
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

    private void Return(Action load)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldloc, _emitter.Fuel);
        _il.Emit(OpCodes.Stfld, Field(nameof(BlockState.Fuel)));
        load();
        _il.Emit(OpCodes.Ret);
    }

    private static System.Reflection.FieldInfo Field(string name) => typeof(BlockState).GetField(name) ?? throw new UnreachableException(name);
}
