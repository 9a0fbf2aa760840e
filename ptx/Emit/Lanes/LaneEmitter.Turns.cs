using System.Numerics;
using System.Reflection.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <content>Emits what has no vector form: the lanes take turns, each with its own numbers, and the scalar emitter does the work.</content>
internal sealed partial class LaneEmitter
{
    private const int SlotBytes = 128;

    /// <summary>Emits an instruction in a loop over the lanes that run.</summary>
    public void TakeTurns(Instruction instruction)
    {
        var read = Registers.ReadBy(instruction, _plan.Kernel.Carry).Distinct().Where(r => !_plan.ClassOf(r).IsUniform).ToList();
        var written = Registers.WrittenBy(instruction, _plan.Kernel.Carry).Where(IsVector).Distinct().ToList();
        TakeTurns(read, written, instruction.Form!.Shapes.Any(s => s.Role == OperandRole.Memory), () => Scalar.Emit(instruction));
    }

    /// <summary>Emits code in a loop over the lanes that run.</summary>
    /// <param name="read">The registers whose numbers differ from lane to lane.</param>
    /// <param name="mayBeNamed">Whether something may be found that a thread is named for.</param>
    public void TakeTurns(IReadOnlyList<Register> read, IReadOnlyList<Register> written, bool mayBeNamed, Action emit)
    {
        var slots = read.Concat(written).Distinct().Select((register, index) => (register, index)).ToDictionary(p => p.register, p => p.index * SlotBytes);
        foreach (var register in read.Where(IsVector)) Spill(register, slots[register]);
        var bases = read.Where(r => !IsVector(r)).ToDictionary(r => r, Scalar.Local);
        using (new Substitutes(Scalar, [.. slots.Keys]))
        {
            ForEachLane(() =>
            {
                if (mayBeNamed) NoteThread();
                foreach (var register in read) LoadTurn(register, slots[register], bases.GetValueOrDefault(register));
                Scalar.Turn = Lane;
                emit();
                Scalar.Turn = null;
                foreach (var register in written) StoreTurn(register, slots[register]);
            });
        }

        foreach (var register in written) Unspill(register, slots[register]);
    }

    /// <summary>Emits a loop over the lanes that run; <see cref="Lane"/> is the number of each.</summary>
    public void ForEachLane(Action emit)
    {
        var rest = Scalar.Borrow(typeof(int));
        var next = Il.DefineLabel();
        LoadBits();
        Il.Emit(OpCodes.Stloc, rest);
        Il.MarkLabel(next);
        Il.Emit(OpCodes.Ldloc, rest);
        Il.Emit(OpCodes.Call, ((Func<int, int>)BitOperations.TrailingZeroCount).Method);
        Il.Emit(OpCodes.Stloc, Lane);
        emit();
        DropFirst(rest);
        Il.Emit(OpCodes.Ldloc, rest);
        Il.Emit(OpCodes.Brtrue, next);
        Scalar.GiveBack(rest);
    }

    /// <summary>Takes the first of some lanes out of them.</summary>
    private void DropFirst(LocalBuilder lanes)
    {
        Il.Emit(OpCodes.Ldloc, lanes);
        Il.Emit(OpCodes.Ldloc, lanes);
        Il.Emit(OpCodes.Ldc_I4_1);
        Il.Emit(OpCodes.Sub);
        Il.Emit(OpCodes.And);
        Il.Emit(OpCodes.Stloc, lanes);
    }

    /// <summary>Pushes a bit for each lane that runs.</summary>
    public void LoadBits()
    {
        if (Masked) Il.Emit(OpCodes.Ldloc, Bits);
        else Il.Emit(OpCodes.Ldc_I4, Shape.All);
    }

    /// <summary>Makes the bits of the lanes that run a mask of vectors.</summary>
    public void ExpandBits()
    {
        Il.Emit(OpCodes.Ldloc, Bits);
        Call("Create", typeof(int), 1);
        LoadBitOfLane();
        Call("BitwiseAnd", typeof(int), 2);
        LoadBitOfLane();
        Call("Equals", typeof(int), 2);
        Il.Emit(OpCodes.Stloc, Active);
    }

    /// <summary>Pushes for each lane the number that has its bit alone.</summary>
    private void LoadBitOfLane()
    {
        Il.Emit(OpCodes.Ldc_I4_1);
        Call("Create", typeof(int), 1);
        Il.Emit(OpCodes.Ldc_I4_0);
        Il.Emit(OpCodes.Ldc_I4_1);
        Il.Emit(OpCodes.Call, Shape.Function("CreateSequence", typeof(int), 2));
        var owner = Shape.Is512 ? typeof(System.Runtime.Intrinsics.X86.Avx512F) : typeof(System.Runtime.Intrinsics.X86.Avx2);
        Reinterpret(typeof(int), typeof(uint));
        Il.Emit(OpCodes.Call, owner.GetMethods().First(m => m.Name == "ShiftLeftLogicalVariable" && m.GetParameters()[0].ParameterType == Shape.Vector(typeof(int))));
    }

    private void NoteThread()
    {
        Il.Emit(OpCodes.Ldarg_0);
        Il.Emit(OpCodes.Ldloc, Scalar.Thread);
        Il.Emit(OpCodes.Ldloc, Lane);
        Il.Emit(OpCodes.Add);
        Il.Emit(OpCodes.Stfld, typeof(BlockState).GetField(nameof(BlockState.Thread))!);
    }

    private void Spill(Register register, int slot)
    {
        var held = Scalar.RepresentationOf(register).Slot;
        for (var part = 0; part < LaneShape.Parts(held); part++)
        {
            Il.Emit(OpCodes.Ldloc, Vector(register, part));
            LoadScratch(slot + part * Shape.VectorBytes);
            Il.Emit(OpCodes.Call, Shape.Store(LaneShape.Element(held)));
        }
    }

    private void Unspill(Register register, int slot)
    {
        var held = Scalar.RepresentationOf(register).Slot;
        for (var part = 0; part < LaneShape.Parts(held); part++)
        {
            LoadScratch(slot + part * Shape.VectorBytes);
            Il.Emit(OpCodes.Call, Shape.Load(LaneShape.Element(held)));
            StoreBits(register, held, part);
        }
    }

    public void LoadScratch(int offset)
    {
        Il.Emit(OpCodes.Ldloc, Scalar.LaunchValue(nameof(BlockState.Scratch)));
        Il.Emit(OpCodes.Ldc_I4, offset);
        Il.Emit(OpCodes.Add);
    }

    private void LoadTurnPlace(Register register, int slot)
    {
        LoadScratch(slot);
        Il.Emit(OpCodes.Ldloc, Lane);
        Il.Emit(OpCodes.Conv_I);
        Il.Emit(OpCodes.Ldc_I4, SplitAtBarriers.Bytes(Scalar.RepresentationOf(register).Slot));
        Il.Emit(OpCodes.Mul);
        Il.Emit(OpCodes.Add);
    }

    private void LoadTurn(Register register, int slot, LocalBuilder? first)
    {
        var held = Scalar.RepresentationOf(register).Slot;
        if (first is not null)
        {
            var wide = held == Slot.I64;
            Il.Emit(OpCodes.Ldloc, first);
            Il.Emit(OpCodes.Ldloc, Lane);
            if (wide) Il.Emit(OpCodes.Conv_I8);
            if (wide) Il.Emit(OpCodes.Ldc_I8, _plan.ClassOf(register).Stride);
            else Il.Emit(OpCodes.Ldc_I4, (int)_plan.ClassOf(register).Stride);
            Il.Emit(OpCodes.Mul);
            Il.Emit(OpCodes.Add);
        }
        else
        {
            LoadTurnPlace(register, slot);
            Il.Emit(ThreadFrame.LoadOf(held));
            if (register.Type == ScalarType.Predicate) Il.Emit(OpCodes.Neg);
        }

        Il.Emit(OpCodes.Stloc, Scalar.Local(register));
    }

    private void StoreTurn(Register register, int slot)
    {
        LoadTurnPlace(register, slot);
        Il.Emit(OpCodes.Ldloc, Scalar.Local(register));
        if (register.Type == ScalarType.Predicate) Il.Emit(OpCodes.Neg);
        Il.Emit(ThreadFrame.StoreOf(Scalar.RepresentationOf(register).Slot));
    }
}
