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
internal sealed partial class LaneRegionEmitter
{
    private readonly LanePlan _plan;
    private readonly Region _region;
    private readonly LaneFlow _flow;
    private readonly ILGenerator _il;
    private readonly LaneEmitter _emitter;
    private readonly LaneFrame _frame;
    private readonly RegionShell _shell;
    private readonly LocalBuilder[] _waiting;
    private readonly Label[] _whole;
    private readonly Label[] _masked;
    private readonly Label[] _after;
    private readonly Label _nextVector;
    private readonly bool _needsMasks;

    private LaneRegionEmitter(LanePlan plan, Region region, ILGenerator il)
    {
        (_plan, _region, _flow, _il) = (plan, region, plan.Flows[region], il);
        _needsMasks = plan.NeedsMasks(region);
        _emitter = new LaneEmitter(il, plan, _flow);
        _frame = new LaneFrame(_emitter, plan.Kernel, region);
        _shell = new RegionShell(Scalar);
        _nextVector = il.DefineLabel();
        _whole = [.. _flow.Order.Select(_ => il.DefineLabel())];
        _masked = [.. _flow.Order.Select(_ => il.DefineLabel())];
        _after = [.. _flow.Order.Select(_ => il.DefineLabel())];
        _waiting = _needsMasks ? [.. _flow.Order.Select(_ => il.DeclareLocal(typeof(int)))] : [];
    }

    private ScalarEmitter Scalar => _emitter.Scalar;

    private bool HasBarriers => _plan.Kernel.HasBarriers;

    public static RegionCode Run(LanePlan plan, Region region) =>
        RegionShell.Make(plan.Kernel.Name, il => new LaneRegionEmitter(plan, region, il).Emit());

    /// <summary>Emits the blocks first, and then the prologue, which has to know what they use.</summary>
    private void Emit()
    {
        var (prologue, vector) = (_il.DefineLabel(), _il.DefineLabel());
        _il.Emit(OpCodes.Br, prologue);
        EmitWhole();
        if (_needsMasks) EmitMasked();
        EmitNextVector(vector);
        EmitStart(vector);
        _il.MarkLabel(prologue);
        _shell.Close(vector);
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
            _shell.TakeFuel(() => _il.Emit(OpCodes.Ldc_I8, (long)block.Weight * _plan.Lanes));
            if (IsHeader(number)) _shell.CheckFuel(block.Line);
            _frame.Restore(block);
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

    private void Emit(Wait wait)
    {
        var site = _plan.Kernel.Regions.SiteOf(wait);
        LaneMarks.MarkOperands(_emitter, wait.Instruction);
        LaneExchange.Save(_emitter, site);
        _frame.Save(wait);
        Note(site.Entry);
    }

    private void Emit(Trap trap)
    {
        // The first lane that runs is the one that is named.
        _shell.NoteThread(() =>
        {
            _il.Emit(OpCodes.Ldloc, Scalar.Thread);
            _emitter.LoadBits();
            _il.Emit(OpCodes.Call, ((Func<int, int>)BitOperations.TrailingZeroCount).Method);
            _il.Emit(OpCodes.Add);
        });
        _shell.Trap(trap);
    }

    /// <summary>Notes at which barrier the lanes that run wait.</summary>
    private void Note(int entry)
    {
        if (!HasBarriers) return;
        _shell.Together.Note(entry);
        if (_emitter.Masked)
        {
            _shell.LoadEntryPlace();
            _il.Emit(OpCodes.Ldloc, _emitter.Active);
            LoadEntry(entry);
            _il.Emit(OpCodes.Call, LaneMemory.Masked("MaskStore", _emitter.Shape, Slot.I32));
            return;
        }

        LoadEntry(entry);
        _shell.LoadEntryPlace();
        _il.Emit(OpCodes.Call, _emitter.Shape.Store(typeof(int)));
    }

    private void LoadEntry(int entry)
    {
        _il.Emit(OpCodes.Ldc_I4, entry);
        _emitter.Call("Create", typeof(int), 1);
    }
}
