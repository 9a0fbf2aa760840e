using System.Numerics;
using System.Reflection.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <content>Emits the code in which some lanes run and others wait.</content>
internal sealed partial class LaneRegionEmitter
{
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
            _shell.TakeFuel(() =>
            {
                _il.Emit(OpCodes.Ldloc, _emitter.Bits);
                _il.Emit(OpCodes.Call, ((Func<uint, int>)BitOperations.PopCount).Method);
                _il.Emit(OpCodes.Conv_I8);
                _il.Emit(OpCodes.Ldc_I8, (long)block.Weight);
                _il.Emit(OpCodes.Mul);
            });
            if (IsHeader(number)) _shell.CheckFuel(block.Line);
            _frame.Restore(block);
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

    /// <summary>Gives the last block, in the order, of the loop that a block heads; of no loop it is the block itself.</summary>
    private int LastOf(int number) => IsHeader(number) ? _flow.Order.Last(_flow.Loops.Innermost[number]!.Blocks.Contains) : number;

    /// <summary>Says whether lanes that parted may all be at a block again.</summary>
    private bool MayRejoin(int number) => IsHeader(number) || _flow.DivergentBranches.Any(b => _flow.Graph.ImmediatePostDominators[b] == number);
}
