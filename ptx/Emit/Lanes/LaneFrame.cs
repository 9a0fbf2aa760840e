using System.Reflection.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits how lanes keep their registers from one region to the next: a register of all threads lies together, so a vector is read at once.</summary>
/// <remarks>What is the same in all lanes, or grows by a stride, is kept in the place of the first.</remarks>
internal sealed class LaneFrame(LaneEmitter emitter, KernelPlan plan, Region region)
{
    private readonly HashSet<Register> _written = [.. region.Blocks.SelectMany(b => b.Instructions).SelectMany(Registers.WrittenBy), plan.Carry];
    private readonly HashSet<BasicBlock> _inLoops = ThreadFrame.InLoops(region);

    /// <summary>Gives zero to the registers that a thread may read before it writes them: no thread sees another's.</summary>
    public void Clear()
    {
        foreach (var register in plan.Live[plan.Regions.Starts[0]])
        {
            var slot = plan.Representations[register].Slot;
            for (var part = 0; part < LaneShape.Parts(slot); part++)
            {
                LoadZero(slot);
                if (!emitter.IsVector(register))
                {
                    emitter.Il.Emit(OpCodes.Stloc, emitter.Scalar.Local(register));
                    break;
                }

                emitter.Call("Create", slot, 1);
                emitter.Il.Emit(OpCodes.Stloc, emitter.Vector(register, part));
            }
        }
    }

    /// <summary>Restores at the start of a region what it changes or reads over and over.</summary>
    public void Restore(int entry)
    {
        // What rests in some lanes keeps the old value in them, so what is written counts as read.
        var wanted = _inLoops.SelectMany(ThreadFrame.ReadIn).Concat(_written).ToHashSet();
        foreach (var register in plan.Live[plan.Regions.Starts[entry]].Where(wanted.Contains)) Restore(register);
    }

    /// <summary>Restores what a block reads and the region does not change: paths that are not taken cost nothing.</summary>
    public void Restore(BasicBlock block)
    {
        if (region.Entries.Contains(0) || _inLoops.Contains(block)) return;
        foreach (var register in ThreadFrame.ReadIn(block).Distinct())
            if (plan.Regions.FrameOffsets.ContainsKey(register) && !_written.Contains(register))
                Restore(register);
    }

    /// <summary>Keeps what is read after the wait; what this region does not change lies in the frame already.</summary>
    public void Save(Wait wait)
    {
        foreach (var register in plan.Live[wait.Next].Where(r => _written.Contains(r) || region.Entries.Contains(0)))
        {
            var slot = plan.Representations[register].Slot;
            if (!emitter.IsVector(register))
            {
                LoadPlace(register, 0);
                emitter.Il.Emit(OpCodes.Ldloc, emitter.Scalar.Local(register));
                emitter.Il.Emit(ThreadFrame.StoreOf(slot));
                continue;
            }

            for (var part = 0; part < LaneShape.Parts(slot); part++)
            {
                if (emitter.Masked)
                {
                    LoadPlace(register, part);
                    emitter.LoadActive(slot, part);
                    emitter.Il.Emit(OpCodes.Ldloc, emitter.Vector(register, part));
                    emitter.Il.Emit(OpCodes.Call, LaneMemory.Masked("MaskStore", emitter.Shape, slot));
                    continue;
                }

                emitter.Il.Emit(OpCodes.Ldloc, emitter.Vector(register, part));
                LoadPlace(register, part);
                emitter.Il.Emit(OpCodes.Call, emitter.Shape.Store(LaneShape.Element(slot)));
            }
        }
    }

    private void Restore(Register register)
    {
        var slot = plan.Representations[register].Slot;
        if (!emitter.IsVector(register))
        {
            LoadPlace(register, 0);
            emitter.Il.Emit(ThreadFrame.LoadOf(slot));
            emitter.Il.Emit(OpCodes.Stloc, emitter.Scalar.Local(register));
            return;
        }

        for (var part = 0; part < LaneShape.Parts(slot); part++)
        {
            LoadPlace(register, part);
            emitter.Il.Emit(OpCodes.Call, emitter.Shape.Load(LaneShape.Element(slot)));
            emitter.Il.Emit(OpCodes.Stloc, emitter.Vector(register, part));
        }
    }

    private void LoadPlace(Register register, int part)
    {
        var il = emitter.Il;
        il.Emit(OpCodes.Ldloc, emitter.Scalar.LaunchValue(nameof(BlockState.Frames)));
        il.Emit(OpCodes.Ldloc, emitter.Scalar.Thread);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Ldc_I4, SplitAtBarriers.Bytes(plan.Representations[register].Slot));
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldc_I4, plan.Regions.FrameOffsets[register] + part * emitter.Shape.VectorBytes);
        il.Emit(OpCodes.Add);
    }

    private void LoadZero(Slot slot)
    {
        switch (slot)
        {
            case Slot.I32: emitter.Il.Emit(OpCodes.Ldc_I4_0); break;
            case Slot.I64: emitter.Il.Emit(OpCodes.Ldc_I8, 0L); break;
            case Slot.F32: emitter.Il.Emit(OpCodes.Ldc_R4, 0f); break;
            default: emitter.Il.Emit(OpCodes.Ldc_R8, 0d); break;
        }
    }
}
