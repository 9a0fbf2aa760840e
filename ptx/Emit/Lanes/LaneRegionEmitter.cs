using System.Diagnostics;
using System.Numerics;
using System.Reflection.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;
using Label = System.Reflection.Emit.Label;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits one method a region, with the loop over the vectors of a block inside it.</summary>
/// <remarks>
/// The code is there twice. In the first all lanes run, branches are real ones, and a branch on which lanes disagree leads
/// into the second. There the lanes that run are a mask, and each block has a mask of the lanes that wait for it; blocks run in
/// the order of <see cref="LaneFlow"/>. When all lanes have come to one block again, it leads back to the first.
/// </remarks>
internal sealed class LaneRegionEmitter
{
    private readonly LanePlan _plan;
    private readonly Region _region;
    private readonly LaneFlow _flow;
    private readonly ILGenerator _il;
    private readonly LaneEmitter _emitter;
    private readonly LaneFrame _frame;
    private readonly LocalBuilder _fuel;
    private readonly Together _together;
    private readonly LocalBuilder[] _waiting;
    private readonly Label[] _whole;
    private readonly Label[] _masked;
    private readonly Label[] _after;
    private readonly Label _nextVector;
    private readonly List<Action> _slowPaths = [];

    private LaneRegionEmitter(LanePlan plan, Region region, ILGenerator il)
    {
        (_plan, _region, _flow, _il) = (plan, region, plan.Flows[region], il);
        _emitter = new LaneEmitter(il, plan, _flow);
        _frame = new LaneFrame(_emitter, plan.Kernel, region);
        _fuel = il.DeclareLocal(typeof(long));
        _together = new Together(il);
        _nextVector = il.DefineLabel();
        _whole = [.. _flow.Order.Select(_ => il.DefineLabel())];
        _masked = [.. _flow.Order.Select(_ => il.DefineLabel())];
        _after = [.. _flow.Order.Select(_ => il.DefineLabel())];
        _waiting = plan.NeedsMasks ? [.. _flow.Order.Select(_ => il.DeclareLocal(typeof(int)))] : [];
    }

    private ScalarEmitter Scalar => _emitter.Scalar;

    private bool HasBarriers => _plan.Kernel.HasBarriers;

    public static RegionCode Run(LanePlan plan, Region region)
    {
        var method = new DynamicMethod(plan.Kernel.Name, typeof(int), [typeof(BlockState), typeof(int), typeof(int)], typeof(BlockState).Module, skipVisibility: true);
        new LaneRegionEmitter(plan, region, method.GetILGenerator()).Emit();
        return method.CreateDelegate<RegionCode>();
    }

    /// <summary>Emits the blocks first, and then the prologue, which has to know what they use.</summary>
    private void Emit()
    {
        var (prologue, vector) = (_il.DefineLabel(), _il.DefineLabel());
        _il.Emit(OpCodes.Br, prologue);
        EmitWhole();
        if (_plan.NeedsMasks) EmitMasked();
        EmitNextVector(vector);
        EmitStart(vector);
        _il.MarkLabel(prologue);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldfld, Field(nameof(BlockState.Fuel)));
        _il.Emit(OpCodes.Stloc, _fuel);
        Scalar.LoadLaunchValues();
        Scalar.LoadSharedLimits();
        Scalar.StartAtFirstThread();
        _together.Begin();
        _il.Emit(OpCodes.Br, vector);
        Scalar.EmitSlowPaths();
        foreach (var slowPath in _slowPaths) slowPath();
        _il.MarkLabel(Scalar.Fault);
        Return(() => _il.Emit(OpCodes.Ldc_I4, RegionMethod.Fault));
    }

    private void EmitWhole()
    {
        _emitter.Masked = false;
        for (var place = 0; place < _flow.Order.Count; place++)
        {
            var number = _flow.Order[place];
            var block = _flow.Graph.Blocks[number];
            _emitter.Block = number;
            _il.MarkLabel(_whole[number]);
            TakeFuel(() => _il.Emit(OpCodes.Ldc_I8, (long)block.Weight * _plan.Lanes));
            if (IsHeader(number)) CheckFuel(block.Line);
            foreach (var instruction in block.Instructions) _emitter.Emit(instruction);
            Scalar.EndBlock();
            var following = place + 1 < _flow.Order.Count ? _flow.Order[place + 1] : -1;
            switch (block.End)
            {
                case Jump jump: GoTo(jump.Target, following); break;
                case Branch branch: EmitWhole(number, branch, following); break;
                case Wait wait:
                    Emit(wait);
                    _il.Emit(OpCodes.Br, _nextVector);
                    break;
                case Trap trap: Emit(trap); break;
                default:
                    Note(BlockState.Left);
                    _il.Emit(OpCodes.Br, _nextVector);
                    break;
            }
        }
    }

    private void EmitWhole(int number, Branch branch, int following)
    {
        var (predicate, negated) = branch.Predicate is NegatedOperand inner ? (inner.Inner, true) : (branch.Predicate, false);
        var (taken, otherwise) = (NumberOf(branch.Taken), NumberOf(branch.Otherwise));
        if (!_flow.DivergentBranches.Contains(number))
        {
            Scalar.LoadPredicate(predicate);
            _il.Emit(negated ? OpCodes.Brfalse : OpCodes.Brtrue, _whole[taken]);
            GoTo(branch.Otherwise, following);
            return;
        }

        var bits = Scalar.Borrow(typeof(int));
        LoadBits(predicate, negated);
        _il.Emit(OpCodes.Stloc, bits);
        _il.Emit(OpCodes.Ldloc, bits);
        _il.Emit(OpCodes.Ldc_I4, _emitter.Shape.All);
        _il.Emit(OpCodes.Beq, _whole[taken]);
        _il.Emit(OpCodes.Ldloc, bits);
        _il.Emit(OpCodes.Brfalse, _whole[otherwise]);
        _il.Emit(OpCodes.Ldloc, bits);
        _il.Emit(OpCodes.Stloc, _waiting[taken]);
        _il.Emit(OpCodes.Ldloc, bits);
        _il.Emit(OpCodes.Ldc_I4, _emitter.Shape.All);
        _il.Emit(OpCodes.Xor);
        _il.Emit(OpCodes.Stloc, _waiting[otherwise]);
        _il.Emit(OpCodes.Br, _after[number]);
        Scalar.GiveBack(bits);
    }

    private void EmitMasked()
    {
        (_emitter.Masked, Scalar.RunningLanes) = (true, _emitter.Bits);
        for (var place = 0; place < _flow.Order.Count; place++)
        {
            var number = _flow.Order[place];
            var block = _flow.Graph.Blocks[number];
            _emitter.Block = number;
            _il.MarkLabel(_masked[number]);
            _il.Emit(OpCodes.Ldloc, _waiting[number]);
            _il.Emit(OpCodes.Stloc, _emitter.Bits);
            _il.Emit(OpCodes.Ldloc, _emitter.Bits);
            _il.Emit(OpCodes.Brfalse, _after[LastOf(number)]);
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Stloc, _waiting[number]);
            if (MayRejoin(number))
            {
                _il.Emit(OpCodes.Ldloc, _emitter.Bits);
                _il.Emit(OpCodes.Ldc_I4, _emitter.Shape.All);
                _il.Emit(OpCodes.Beq, _whole[number]);
            }

            _emitter.ExpandBits();
            TakeFuel(() =>
            {
                _il.Emit(OpCodes.Ldloc, _emitter.Bits);
                _il.Emit(OpCodes.Call, ((Func<uint, int>)BitOperations.PopCount).Method);
                _il.Emit(OpCodes.Conv_I8);
                _il.Emit(OpCodes.Ldc_I8, (long)block.Weight);
                _il.Emit(OpCodes.Mul);
            });
            if (IsHeader(number)) CheckFuel(block.Line);
            foreach (var instruction in block.Instructions) _emitter.Emit(instruction);
            Scalar.EndBlock();
            EmitMaskedEnd(number, block);
            _il.MarkLabel(_after[number]);
            // Where loops end, the inner first, lanes that wait at the header come around.
            for (var loop = _flow.Loops.Innermost[number]; loop is not null; loop = loop.Parent)
            {
                if (LastOf(loop.Header) != number) break;
                _il.Emit(OpCodes.Ldloc, _waiting[loop.Header]);
                _il.Emit(OpCodes.Brtrue, _masked[loop.Header]);
            }
        }

        _il.Emit(OpCodes.Br, _nextVector);
    }

    private void EmitMaskedEnd(int number, BasicBlock block)
    {
        switch (block.End)
        {
            case Jump jump: Send(NumberOf(jump.Target), () => _il.Emit(OpCodes.Ldloc, _emitter.Bits)); break;
            case Branch branch: EmitMaskedEnd(number, branch); break;
            case Wait wait: Emit(wait); break;
            case Trap trap: Emit(trap); break;
            default: Note(BlockState.Left); break;
        }
    }

    private void EmitMaskedEnd(int number, Branch branch)
    {
        var (predicate, negated) = branch.Predicate is NegatedOperand inner ? (inner.Inner, true) : (branch.Predicate, false);
        var bits = Scalar.Borrow(typeof(int));
        if (_flow.DivergentBranches.Contains(number))
        {
            LoadBits(predicate, negated);
            _il.Emit(OpCodes.Ldloc, _emitter.Bits);
            _il.Emit(OpCodes.And);
        }
        else
        {
            // All that run go the same way: all ones or none.
            Scalar.LoadPredicate(predicate);
            if (negated) _il.Emit(OpCodes.Ldc_I4_1);
            if (negated) _il.Emit(OpCodes.Xor);
            _il.Emit(OpCodes.Neg);
            _il.Emit(OpCodes.Ldloc, _emitter.Bits);
            _il.Emit(OpCodes.And);
        }

        _il.Emit(OpCodes.Stloc, bits);
        Send(NumberOf(branch.Taken), () => _il.Emit(OpCodes.Ldloc, bits));
        Send(NumberOf(branch.Otherwise), () =>
        {
            _il.Emit(OpCodes.Ldloc, bits);
            _il.Emit(OpCodes.Ldloc, _emitter.Bits);
            _il.Emit(OpCodes.Xor);
        });
        Scalar.GiveBack(bits);
    }

    /// <summary>Lets lanes wait for a block.</summary>
    private void Send(int target, Action load)
    {
        _il.Emit(OpCodes.Ldloc, _waiting[target]);
        load();
        _il.Emit(OpCodes.Or);
        _il.Emit(OpCodes.Stloc, _waiting[target]);
    }

    /// <summary>Pushes a bit for each lane of a predicate that varies.</summary>
    private void LoadBits(Operand predicate, bool negated)
    {
        _emitter.LoadMask(predicate);
        _emitter.Call("ExtractMostSignificantBits", typeof(int), 1);
        _il.Emit(OpCodes.Conv_I4);
        if (!negated) return;
        _il.Emit(OpCodes.Ldc_I4, _emitter.Shape.All);
        _il.Emit(OpCodes.Xor);
    }

    private void GoTo(BasicBlock target, int following)
    {
        if (NumberOf(target) != following) _il.Emit(OpCodes.Br, _whole[NumberOf(target)]);
    }

    private int NumberOf(BasicBlock block) => _flow.Graph.NumberOf(block);

    private bool IsHeader(int number) => _flow.Loops.Innermost[number]?.Header == number;

    /// <summary>Gives the last block, in the order, of the loop that a block heads; of no loop it is the block itself.</summary>
    private int LastOf(int number) => IsHeader(number) ? _flow.Order.Last(_flow.Loops.Innermost[number]!.Blocks.Contains) : number;

    /// <summary>Says whether lanes that parted may all be at a block again.</summary>
    private bool MayRejoin(int number) => IsHeader(number) || _flow.DivergentBranches.Any(b => _flow.Graph.ImmediatePostDominators[b] == number);

    private void TakeFuel(Action load)
    {
        _il.Emit(OpCodes.Ldloc, _fuel);
        load();
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Stloc, _fuel);
    }

    /// <summary>Leaves the loop where the budget is spent or someone wants the block to stop.</summary>
    private void CheckFuel(int line)
    {
        var stop = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, _fuel);
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
            _il.Emit(OpCodes.Ldloc, _fuel);
            _il.Emit(OpCodes.Ldc_I4, line);
            Scalar.Call(typeof(BlockState), nameof(BlockState.NoteStop));
            _il.Emit(OpCodes.Br, Scalar.Fault);
        });
    }

    private void Emit(Wait wait)
    {
        var site = _plan.Kernel.Regions.SiteOf(wait);
        LaneExchange.Save(_emitter, site);
        _frame.Save(wait);
        Note(site.Entry);
    }

    private void Emit(Trap trap)
    {
        // The first lane that runs is the one that is named.
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldloc, Scalar.Thread);
        _emitter.LoadBits();
        _il.Emit(OpCodes.Call, ((Func<int, int>)BitOperations.TrailingZeroCount).Method);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stfld, Field(nameof(BlockState.Thread)));
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldc_I4, trap.Instruction.Line);
        Scalar.Call(typeof(BlockState), nameof(BlockState.Trap));
        _il.Emit(OpCodes.Br, Scalar.Fault);
    }

    /// <summary>Notes at which barrier the lanes that run wait.</summary>
    private void Note(int entry)
    {
        if (!HasBarriers) return;
        _together.Note(entry);
        if (_emitter.Masked)
        {
            LoadEntryPlace();
            _il.Emit(OpCodes.Ldloc, _emitter.Active);
            LoadEntry(entry);
            _il.Emit(OpCodes.Call, LaneMemory.Masked("MaskStore", _emitter.Shape, Slot.I32));
            return;
        }

        LoadEntry(entry);
        LoadEntryPlace();
        _il.Emit(OpCodes.Call, _emitter.Shape.Store(typeof(int)));
    }

    private void LoadEntry(int entry)
    {
        _il.Emit(OpCodes.Ldc_I4, entry);
        _emitter.Call("Create", typeof(int), 1);
    }

    private void LoadEntryPlace()
    {
        _il.Emit(OpCodes.Ldloc, Scalar.LaunchValue(nameof(BlockState.Entries)));
        _il.Emit(OpCodes.Ldloc, Scalar.Thread);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Ldc_I4, sizeof(int));
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Add);
    }

    private void EmitNextVector(Label vector)
    {
        var rowEnd = _il.DefineLabel();
        _il.MarkLabel(_nextVector);
        // Straight code ends soon by itself, so it is enough to look once for all vectors.
        var straight = _flow.Loops.Loops.Count == 0 && HasBarriers;
        if (!straight) CheckFuel(_region.Blocks[0].Line);
        Add(Scalar.Thread, _plan.Lanes);
        if (_plan.IsRegular)
        {
            Add(Scalar.Position[0], _plan.Lanes);
            Advance(0, nameof(BlockState.ThreadsX), rowEnd);
            Advance(1, nameof(BlockState.ThreadsY), rowEnd);
            _il.MarkLabel(rowEnd);
        }

        _il.Emit(OpCodes.Ldloc, Scalar.Thread);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Blt, vector);
        if (straight) CheckFuel(_region.Blocks[0].Line);
        Return(_together.LoadPlace);
    }

    /// <summary>Carries over to the next axis where this one is at its end.</summary>
    private void Advance(int axis, string extent, Label done)
    {
        _il.Emit(OpCodes.Ldloc, Scalar.Position[axis]);
        _il.Emit(OpCodes.Ldloc, Scalar.LaunchValue(extent));
        _il.Emit(OpCodes.Blt, done);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Stloc, Scalar.Position[axis]);
        Add(Scalar.Position[axis + 1], 1);
    }

    private void Add(LocalBuilder local, int number)
    {
        _il.Emit(OpCodes.Ldloc, local);
        _il.Emit(OpCodes.Ldc_I4, number);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, local);
    }

    private void EmitStart(Label vector)
    {
        var entry = _region.Entries[0];
        _il.MarkLabel(vector);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldloc, Scalar.Thread);
        _il.Emit(OpCodes.Stfld, Field(nameof(BlockState.Thread)));
        // Without masks all lanes of a vector come, or none.
        var starting = Scalar.Borrow(typeof(int));
        if (HasBarriers || _plan.NeedsMasks)
        {
            LoadStartingBits(entry);
            _il.Emit(OpCodes.Stloc, starting);
            _il.Emit(OpCodes.Ldloc, starting);
            _il.Emit(OpCodes.Brfalse, _nextVector);
        }

        if (entry == 0) _frame.Clear();
        else _frame.Restore(entry);
        if (_plan.NeedsMasks)
        {
            var whole = _il.DefineLabel();
            _il.Emit(OpCodes.Ldloc, starting);
            _il.Emit(OpCodes.Ldc_I4, _emitter.Shape.All);
            _il.Emit(OpCodes.Beq, whole);
            _il.Emit(OpCodes.Ldloc, starting);
            _il.Emit(OpCodes.Stloc, _waiting[0]);
            _il.Emit(OpCodes.Br, _masked[0]);
            _il.MarkLabel(whole);
        }

        _il.Emit(OpCodes.Br, _whole[0]);
    }

    /// <summary>Pushes a bit for each lane that enters this region.</summary>
    private void LoadStartingBits(int entry)
    {
        if (HasBarriers)
        {
            LoadEntryPlace();
            _il.Emit(OpCodes.Call, _emitter.Shape.Load(typeof(int)));
            LoadEntry(entry);
            _emitter.Call("Equals", typeof(int), 2);
            _emitter.Call("ExtractMostSignificantBits", typeof(int), 1);
            _il.Emit(OpCodes.Conv_I4);
            return;
        }

        // The lanes that have a thread: all, but for the last vector.
        _il.Emit(OpCodes.Ldc_I4_M1);
        _il.Emit(OpCodes.Ldc_I4, _plan.Lanes);
        _il.Emit(OpCodes.Ldloc, Scalar.LaunchValue(nameof(BlockState.Threads)));
        _il.Emit(OpCodes.Ldloc, Scalar.Thread);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Call, ((Func<int, int, int>)Math.Min).Method);
        // As a count of a shift, -n is 32 - n.
        _il.Emit(OpCodes.Neg);
        _il.Emit(OpCodes.Ldc_I4, 31);
        _il.Emit(OpCodes.And);
        _il.Emit(OpCodes.Shr_Un);
    }

    private void Return(Action load)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldloc, _fuel);
        _il.Emit(OpCodes.Stfld, Field(nameof(BlockState.Fuel)));
        load();
        _il.Emit(OpCodes.Ret);
    }

    private static System.Reflection.FieldInfo Field(string name) => typeof(BlockState).GetField(name) ?? throw new UnreachableException(name);
}
