using System.Reflection.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits how a thread keeps its registers from one region to the next.</summary>
internal sealed class ThreadFrame(ScalarEmitter emitter, KernelPlan plan, Region region)
{
    private readonly HashSet<Register> _written = [.. region.Blocks.SelectMany(b => b.Instructions).SelectMany(Registers.WrittenBy), plan.Carry];

    private readonly HashSet<BasicBlock> _inLoops = InLoops(region);

    /// <summary>Gives zero to the registers that a thread may read before it writes them: no thread sees another's.</summary>
    public void Clear()
    {
        foreach (var register in plan.Live[plan.Regions.Starts[0]])
        {
            switch (plan.Representations[register].Slot)
            {
                case Slot.I32: emitter.Il.Emit(OpCodes.Ldc_I4_0); break;
                case Slot.I64: emitter.Il.Emit(OpCodes.Ldc_I8, 0L); break;
                case Slot.F32: emitter.Il.Emit(OpCodes.Ldc_R4, 0f); break;
                default: emitter.Il.Emit(OpCodes.Ldc_R8, 0d); break;
            }

            emitter.Il.Emit(OpCodes.Stloc, emitter.Local(register));
        }
    }

    /// <summary>Restores at the start of a region what it changes or reads over and over.</summary>
    public void Restore(int entry)
    {
        var read = region.Entries.Contains(0) ? region.Blocks : (IEnumerable<BasicBlock>)_inLoops;
        var wanted = read.SelectMany(ReadIn).Concat(_written).ToHashSet();
        foreach (var register in plan.Live[plan.Regions.Starts[entry]].Where(wanted.Contains)) Restore(register);
    }

    /// <summary>Restores what a block reads and the region does not change: paths that are not taken cost nothing.</summary>
    public void Restore(BasicBlock block)
    {
        if (region.Entries.Contains(0) || _inLoops.Contains(block)) return;
        foreach (var register in ReadIn(block).Distinct())
            if (plan.Regions.FrameOffsets.ContainsKey(register) && !_written.Contains(register))
                Restore(register);
    }

    private void Restore(Register register)
    {
        LoadPlace(register);
        emitter.Il.Emit(LoadOf(plan.Representations[register].Slot));
        emitter.Il.Emit(OpCodes.Stloc, emitter.Local(register));
    }

    /// <summary>Keeps what is read after the wait; what this region does not change lies in the frame already.</summary>
    public void Save(Wait wait)
    {
        // The first region starts without a frame, so it keeps the zeros too.
        foreach (var register in plan.Live[wait.Next].Where(r => _written.Contains(r) || region.Entries.Contains(0)))
        {
            LoadPlace(register);
            emitter.Il.Emit(OpCodes.Ldloc, emitter.Local(register));
            emitter.Il.Emit(StoreOf(plan.Representations[register].Slot));
        }
    }

    public static OpCode LoadOf(Slot slot) => slot switch
    {
        Slot.I32 => OpCodes.Ldind_I4,
        Slot.I64 => OpCodes.Ldind_I8,
        Slot.F32 => OpCodes.Ldind_R4,
        _ => OpCodes.Ldind_R8,
    };

    public static OpCode StoreOf(Slot slot) => slot switch
    {
        Slot.I32 => OpCodes.Stind_I4,
        Slot.I64 => OpCodes.Stind_I8,
        Slot.F32 => OpCodes.Stind_R4,
        _ => OpCodes.Stind_R8,
    };

    private void LoadPlace(Register register)
    {
        var il = emitter.Il;
        il.Emit(OpCodes.Ldloc, emitter.LaunchValue(nameof(BlockState.Frames)));
        il.Emit(OpCodes.Ldloc, emitter.Thread);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Ldc_I4, SplitAtBarriers.Bytes(plan.Representations[register].Slot));
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldc_I4, plan.Regions.FrameOffsets[register]);
        il.Emit(OpCodes.Add);
    }

    public static IEnumerable<Register> ReadIn(BasicBlock block) =>
        block.Instructions.SelectMany(Registers.ReadBy).Concat(Registers.ReadBy(block.End));

    /// <summary>Finds blocks that may run again before the next wait; blocks between the ends of a loop count as part of it.</summary>
    public static HashSet<BasicBlock> InLoops(Region region)
    {
        var backEdges = region.Blocks.Where(b => b.End is not Wait)
            .SelectMany(b => b.End.Successors.Where(s => s.Index <= b.Index).Select(s => (First: s.Index, Last: b.Index)))
            .ToList();
        return [.. region.Blocks.Where(b => backEdges.Any(e => e.First <= b.Index && b.Index <= e.Last))];
    }
}
