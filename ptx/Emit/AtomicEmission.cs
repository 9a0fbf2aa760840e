using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits atomic read-modify-writes. The threads of a block take turns, so only other blocks have to be kept away.</summary>
internal static unsafe class AtomicEmission
{
    public static void Combine(ScalarEmitter emitter, Instruction instruction, Action<ScalarEmitter> combine)
    {
        var il = emitter.Il;
        var slot = BitsOf(instruction).Slot;
        var (place, value) = LoadPlaceAndValue(emitter, instruction);
        var (old, result) = (emitter.Borrow(slot), emitter.Borrow(slot));
        var retry = il.DefineLabel();
        var shared = MemoryAccess.SpaceOf(instruction) == StateSpace.Shared;
        il.MarkLabel(retry);
        il.Emit(OpCodes.Ldloc, place);
        il.Emit(OpCodes.Volatile);
        il.Emit(slot == Slot.I64 ? OpCodes.Ldind_I8 : instruction.Type.Bits == 16 ? OpCodes.Ldind_U2 : OpCodes.Ldind_I4);
        il.Emit(OpCodes.Stloc, old);
        il.Emit(OpCodes.Ldloc, old);
        il.Emit(OpCodes.Ldloc, value);
        combine(emitter);
        il.Emit(OpCodes.Stloc, result);
        il.Emit(OpCodes.Ldloc, place);
        il.Emit(OpCodes.Ldloc, result);
        if (shared)
            il.Emit(slot == Slot.I64 ? OpCodes.Stind_I8 : instruction.Type.Bits == 16 ? OpCodes.Stind_I2 : OpCodes.Stind_I4);
        else
        {
            il.Emit(OpCodes.Ldloc, old);
            emitter.Call(CompareExchange(instruction));
            il.Emit(OpCodes.Ldloc, old);
            il.Emit(OpCodes.Bne_Un, retry);
        }

        if (instruction.Opcode == "atom")
        {
            il.Emit(OpCodes.Ldloc, old);
            emitter.StoreTo(instruction.Operands[0], BitsOf(instruction), copies: true);
        }

        emitter.GiveBack(place, value, old, result);
    }

    /// <summary>Adds integers, for which the processor has an instruction.</summary>
    public static void Add(ScalarEmitter emitter, Instruction instruction)
    {
        if (MemoryAccess.SpaceOf(instruction) == StateSpace.Shared)
        {
            Combine(emitter, instruction, e => e.Il.Emit(OpCodes.Add));
            return;
        }

        var (place, value) = LoadPlaceAndValue(emitter, instruction);
        emitter.Il.Emit(OpCodes.Ldloc, place);
        emitter.Il.Emit(OpCodes.Ldloc, value);
        emitter.Call(BitsOf(instruction).Slot == Slot.I64 ? AtomicMath.FetchAdd64 : AtomicMath.FetchAdd32);
        emitter.StoreTo(instruction.Opcode == "atom" ? instruction.Operands[0] : new SinkOperand(), BitsOf(instruction), copies: true);
        emitter.GiveBack(place, value);
    }

    public static void Exchange(ScalarEmitter emitter, Instruction instruction)
    {
        var (place, value) = LoadPlaceAndValue(emitter, instruction);
        emitter.Il.Emit(OpCodes.Ldloc, place);
        emitter.Il.Emit(OpCodes.Ldloc, value);
        emitter.Call(BitsOf(instruction).Slot == Slot.I64 ? AtomicMath.Exchange64 : AtomicMath.Exchange32);
        emitter.StoreTo(instruction.Operands[0], BitsOf(instruction), copies: true);
        emitter.GiveBack(place, value);
    }

    public static void CompareAndSwap(ScalarEmitter emitter, Instruction instruction)
    {
        var (place, expected) = LoadPlaceAndValue(emitter, instruction);
        emitter.Il.Emit(OpCodes.Ldloc, place);
        emitter.LoadBits(instruction.Operands[3], instruction.Type);
        emitter.Il.Emit(OpCodes.Ldloc, expected);
        emitter.Call(CompareExchange(instruction));
        emitter.StoreTo(instruction.Operands[0], BitsOf(instruction), copies: true);
        emitter.GiveBack(place, expected);
    }

    private static (LocalBuilder Place, LocalBuilder Value) LoadPlaceAndValue(ScalarEmitter emitter, Instruction instruction)
    {
        var first = instruction.Opcode == "atom" ? 1 : 0;
        var (place, value) = (emitter.Borrow(typeof(nint)), emitter.Borrow(BitsOf(instruction).Slot));
        emitter.LoadHostAddress(instruction, (AddressOperand)instruction.Operands[first]);
        emitter.Il.Emit(OpCodes.Stloc, place);
        emitter.LoadBits(instruction.Operands[first + 1], instruction.Type);
        emitter.Il.Emit(OpCodes.Stloc, value);
        return (place, value);
    }

    private static Delegate CompareExchange(Instruction instruction) => instruction.Type.Bits switch
    {
        16 => AtomicMath.CompareExchange16,
        32 => AtomicMath.CompareExchange32,
        _ => (Delegate)AtomicMath.CompareExchange64,
    };

    private static ScalarType BitsOf(Instruction instruction) => new(TypeClass.Bits, instruction.Type.Bits);
}
