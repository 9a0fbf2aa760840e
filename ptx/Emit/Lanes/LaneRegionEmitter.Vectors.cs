using System.Reflection.Emit;
using Broker.Ptx.Running;
using Label = System.Reflection.Emit.Label;

namespace Broker.Ptx.Emit.Lanes;

/// <content>Emits the loop over the vectors of a block.</content>
internal sealed partial class LaneRegionEmitter
{
    private void EmitNextVector(Label vector)
    {
        _il.MarkLabel(_nextVector);
        // Straight code ends soon by itself, so it is enough to look once for all vectors.
        var straight = _flow.Loops.Loops.Count == 0 && HasBarriers;
        if (!straight) _shell.CheckFuel(_region.Blocks[0].Line);
        _shell.MoveOn(_plan.Lanes, vector);
        if (straight) _shell.CheckFuel(_region.Blocks[0].Line);
        _shell.Return();
    }

    private void EmitStart(Label vector)
    {
        var entry = _region.Entries[0];
        _il.MarkLabel(vector);
        _shell.NoteThread(() => _il.Emit(OpCodes.Ldloc, Scalar.Thread));
        // Without masks all lanes of a vector come, or none.
        var starting = Scalar.Borrow(typeof(int));
        if (HasBarriers || _needsMasks)
        {
            LoadStartingBits(entry);
            _il.Emit(OpCodes.Stloc, starting);
            _il.Emit(OpCodes.Ldloc, starting);
            _il.Emit(OpCodes.Brfalse, _nextVector);
        }

        if (entry == 0) _frame.Clear();
        else _frame.Restore(entry);
        if (_needsMasks)
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
            _shell.LoadEntryPlace();
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
}
