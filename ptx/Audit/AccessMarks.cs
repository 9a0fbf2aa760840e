using System.Reflection.Emit;
using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Audit;

/// <summary>Emits what an audited block notes beside what it does.</summary>
/// <remarks>
/// All global and constant memory of an audit lies in one arena. A store puts a mark of its own width at a fixed distance from where it
/// writes, and each access notes the chunk that it touches: two or three stores, and no call. With a tracker each access is a call instead.
/// </remarks>
internal sealed class AccessMarks(KernelPlan plan, bool tracks)
{
    /// <summary>Marks a byte that was written; kinds of numbers are added.</summary>
    public const byte Written = 1;

    private readonly FindRealBits _realBits = FindRealBits.Run(plan);

    /// <summary>Notes the access to the place whose address in this process lies on the stack, and leaves it there.</summary>
    public void MarkAccess(ScalarEmitter emitter, Instruction instruction)
    {
        var place = emitter.Borrow(typeof(nint));
        emitter.Il.Emit(OpCodes.Stloc, place);
        if (tracks) Track(emitter, instruction, MemoryAccess.Of(instruction), place);
        MarkAccess(emitter, instruction, place);
        emitter.Il.Emit(OpCodes.Ldloc, place);
        emitter.GiveBack(place);
    }

    /// <summary>Notes the access to one place whose address in this process a local holds.</summary>
    public void MarkAccess(ScalarEmitter emitter, Instruction instruction, LocalBuilder place) =>
        MarkAccess(emitter, instruction, [place], mark => MarkBytes(emitter.Il, place, MemoryAccess.Of(instruction).Bytes, mark));

    /// <summary>Notes an access to memory that lies in one piece, of at most the size of a chunk.</summary>
    /// <param name="ends">Where it begins, and where its last element lies.</param>
    /// <param name="markBytes">Emits the marks of what is written, at <see cref="BlockState.ShadowDistance"/> behind it.</param>
    public void MarkAccess(ScalarEmitter emitter, Instruction instruction, LocalBuilder[] ends, Action<byte> markBytes)
    {
        if (plan.Groups[instruction].Space is not (StateSpace.Global or StateSpace.Generic or StateSpace.Constant)) return;
        var (access, il) = (MemoryAccess.Of(instruction), emitter.Il);
        var (offset, elsewhere) = (emitter.Borrow(Slot.I64), il.DefineLabel());
        for (var end = 0; end < ends.Length; end++)
        {
            LoadOffset(il, ends[end]);
            il.Emit(OpCodes.Stloc, offset);
            if (end == 0)
            {
                il.Emit(OpCodes.Ldloc, offset);
                LoadField(il, nameof(BlockState.ArenaBytes));
                // A generic address may be of memory that is the block's alone.
                il.Emit(OpCodes.Bge_Un, elsewhere);
            }

            if (!access.Writes || access.Atomic) MarkChunk(il, nameof(BlockState.Touched), offset);
            if (access.Writes) MarkChunk(il, nameof(BlockState.Dirtied), offset);
        }

        if (access.Writes) markBytes((byte)(Written | (byte)_realBits.WrittenBy(instruction)));
        il.MarkLabel(elsewhere);
        emitter.GiveBack(offset);
    }

    /// <summary>Notes what an instruction looks at before it runs.</summary>
    public void MarkOperands(ScalarEmitter emitter, Instruction instruction)
    {
        foreach (var register in ObservedBy(instruction)) CheckBits(emitter, register, instruction.Line);
        if (!tracks || instruction.Opcode is not ("div" or "rem") || instruction.Type.Class is not (TypeClass.Signed or TypeClass.Unsigned)) return;
        emitter.Il.Emit(OpCodes.Ldarg_0);
        emitter.Load(instruction, 2);
        emitter.Il.Emit(instruction.Type.Bits == 64 ? OpCodes.Nop : OpCodes.Conv_I8);
        emitter.Il.Emit(OpCodes.Ldc_I4, instruction.Line);
        emitter.Call(typeof(BlockState), nameof(BlockState.CheckDivisor));
    }

    /// <summary>Notes where a branch by a number goes past the list of its targets.</summary>
    public static void MarkIndex(ScalarEmitter emitter, IndexedBranch branch)
    {
        emitter.Il.Emit(OpCodes.Ldarg_0);
        emitter.LoadObserved(branch.Index, ScalarType.U32);
        emitter.Il.Emit(OpCodes.Ldc_I4, branch.Targets.Count);
        emitter.Il.Emit(OpCodes.Ldc_I4, branch.Line);
        emitter.Call(typeof(BlockState), nameof(BlockState.CheckIndex));
    }

    public IReadOnlyList<Register> ObservedBy(Instruction instruction) => [.. _realBits.ObservedBy(instruction).Distinct()];

    public RealBits KindsOf(Register register) => _realBits.Of(new RegisterOperand(register));

    /// <summary>Moves the place on the stack to where its marks lie.</summary>
    public static void LoadShadow(ILGenerator il)
    {
        LoadField(il, nameof(BlockState.ShadowDistance));
        il.Emit(OpCodes.Add);
    }

    private static void Track(ScalarEmitter emitter, Instruction instruction, MemoryAccess access, LocalBuilder place)
    {
        emitter.Il.Emit(OpCodes.Ldarg_0);
        emitter.Il.Emit(OpCodes.Ldloc, place);
        emitter.Il.Emit(OpCodes.Ldc_I4, access.Bytes);
        emitter.Il.Emit(OpCodes.Ldc_I4, access.Atomic ? 2 : access.Writes ? 1 : 0);
        emitter.Il.Emit(OpCodes.Ldc_I4, instruction.Line);
        emitter.Call(typeof(BlockState), nameof(BlockState.Track));
    }

    private static void LoadOffset(ILGenerator il, LocalBuilder place)
    {
        il.Emit(OpCodes.Ldloc, place);
        LoadField(il, nameof(BlockState.Arena));
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Conv_U8);
    }

    private static void MarkChunk(ILGenerator il, string table, LocalBuilder offset)
    {
        LoadField(il, table);
        il.Emit(OpCodes.Ldloc, offset);
        il.Emit(OpCodes.Ldc_I4, AuditArena.ChunkShift);
        il.Emit(OpCodes.Shr_Un);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Stind_I1);
    }

    private static void MarkBytes(ILGenerator il, LocalBuilder place, int bytes, byte mark)
    {
        il.Emit(OpCodes.Ldloc, place);
        LoadShadow(il);
        il.Emit(OpCodes.Ldc_I4, (int)mark);
        il.Emit(OpCodes.Ldc_I4, bytes);
        // The size is a constant and the place aligned to it, so the JIT makes plain stores of it.
        il.Emit(OpCodes.Initblk);
    }

    /// <summary>Looks for bits of a NaN in a register that one thread is about to take for more than a number.</summary>
    public void CheckBits(ScalarEmitter emitter, Register register, int line)
    {
        emitter.Il.Emit(OpCodes.Ldarg_0);
        emitter.LoadBits(new RegisterOperand(register), new ScalarType(TypeClass.Bits, register.Type.Bits));
        emitter.Il.Emit(register.Type.Bits == 64 ? OpCodes.Nop : OpCodes.Conv_U8);
        emitter.Il.Emit(OpCodes.Ldc_I4, (int)KindsOf(register));
        emitter.Il.Emit(OpCodes.Ldc_I4, line);
        emitter.Call(typeof(BlockState), nameof(BlockState.CheckBits));
    }

    private static void LoadField(ILGenerator il, string field)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, typeof(BlockState).GetField(field)!);
    }
}
