using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits conversions to and from numbers of 16 bits and fewer, alone and in pairs (PTX ISA 9.7.9.21).</summary>
internal static class NarrowEmission
{
    /// <summary>Rounds the float or double on the stack to 16 bits.</summary>
    public static void From(ScalarEmitter emitter, Instruction instruction, ScalarType to, ScalarType held)
    {
        var brain = to.Class == TypeClass.Brain;
        var rounding = instruction.Modifiers[0];
        if (held.Bits == 32 && rounding is not ("rz" or "rm" or "rp")) emitter.Call(brain ? BrainMath.FromF32 : HalfMath.FromF32);
        else
        {
            if (held.Bits == 32) emitter.Il.Emit(OpCodes.Conv_R8);
            FromF64(emitter, to, rounding);
        }

        if (instruction.Has("satfinite")) emitter.Call(brain ? BrainMath.SaturateFinite : HalfMath.SaturateFinite);
        if (instruction.Has("relu")) emitter.Call(brain ? BrainMath.Relu : HalfMath.Relu);
    }

    public static void FromF64(ScalarEmitter emitter, ScalarType to, string rounding)
    {
        var brain = to.Class == TypeClass.Brain;
        emitter.Call(rounding switch
        {
            "rz" => brain ? BrainMath.FromF64Zero : HalfMath.FromF64Zero,
            "rm" => brain ? BrainMath.FromF64Down : HalfMath.FromF64Down,
            "rp" => brain ? BrainMath.FromF64Up : HalfMath.FromF64Up,
            _ => brain ? BrainMath.FromF64 : (Delegate)HalfMath.FromF64,
        });
    }

    /// <summary>Rounds two floats to one register, the first to its upper half.</summary>
    public static void PairFromF32(ScalarEmitter emitter, Instruction instruction)
    {
        var to = new ScalarType(instruction.Has("bf16x2") ? TypeClass.Brain : TypeClass.Float, 16);
        LoadNarrow(2);
        HalfEmission.JoinSecond(emitter, () => LoadNarrow(1));
        emitter.Store(instruction, 0);

        void LoadNarrow(int operand)
        {
            LoadFlushed(emitter, instruction, operand);
            From(emitter, instruction, to, ScalarType.F32);
        }
    }

    /// <summary>Rounds a float to 19 bits that stand at the top of 32.</summary>
    public static void TensorFromF32(ScalarEmitter emitter, Instruction instruction)
    {
        emitter.Load(instruction, 1);
        emitter.Call(instruction.Modifiers[0] switch
        {
            "rn" => TensorMath.ToTensorNearest,
            "rz" => TensorMath.ToTensorZero,
            _ => (Delegate)TensorMath.ToTensorAway,
        });
        if (instruction.Has("satfinite")) emitter.Call(TensorMath.SaturateFinite);
        if (instruction.Has("relu")) emitter.Call(TensorMath.Relu);
        emitter.Store(instruction, 0);
    }

    /// <summary>Rounds two numbers to 8 bits each: two floats, the first to the upper byte, or a pair of halves.</summary>
    public static void BytesFromPair(ScalarEmitter emitter, Instruction instruction)
    {
        var floats = instruction.Modifiers[^1] == "f32";
        Delegate round = (instruction.Has("e4m3x2"), instruction.Has("relu")) switch
        {
            (true, false) => TensorMath.ToE4M3,
            (true, true) => TensorMath.ToE4M3Relu,
            (false, false) => TensorMath.ToE5M2,
            (false, true) => TensorMath.ToE5M2Relu,
        };
        LoadByte(0);
        LoadByte(1);
        emitter.Il.Emit(OpCodes.Ldc_I4_8);
        emitter.Il.Emit(OpCodes.Shl);
        emitter.Il.Emit(OpCodes.Or);
        emitter.Store(instruction, 0);

        void LoadByte(int lane)
        {
            if (floats) emitter.Load(instruction, 2 - lane);
            else
            {
                HalfEmission.LoadLane(emitter, instruction, 1, lane);
                emitter.Call(HalfMath.ToF32);
            }

            emitter.Call(round);
        }
    }

    /// <summary>Widens two numbers of 8 bits to a pair of halves, which hold each of them.</summary>
    public static void PairFromBytes(ScalarEmitter emitter, Instruction instruction)
    {
        Delegate widen = instruction.Has("e4m3x2") ? TensorMath.HalfFromE4M3 : TensorMath.HalfFromE5M2;
        LoadHalf(0);
        HalfEmission.JoinSecond(emitter, () => LoadHalf(8));
        emitter.Store(instruction, 0);

        void LoadHalf(int shift)
        {
            emitter.Load(instruction, 1);
            emitter.Il.Emit(OpCodes.Ldc_I4, shift);
            emitter.Il.Emit(OpCodes.Shr_Un);
            emitter.Il.Emit(OpCodes.Conv_U1);
            emitter.Call(widen);
            if (instruction.Has("relu")) emitter.Call(HalfMath.Relu);
        }
    }

    /// <summary>Clamps two integers to a few bits each and puts them below what the third operand holds, if there is one.</summary>
    public static void PackIntegers(ScalarEmitter emitter, Instruction instruction)
    {
        var name = instruction.Modifiers[2];
        var bits = int.Parse(name.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
        emitter.Load(instruction, 1);
        emitter.Load(instruction, 2);
        if (instruction.Operands.Count > 3) emitter.Load(instruction, 3);
        else emitter.Il.Emit(OpCodes.Ldc_I4_0);
        emitter.Il.Emit(OpCodes.Ldc_I4, bits);
        emitter.Call(name[0] == 's' ? IntegerMath.PackSigned : IntegerMath.PackUnsigned);
        emitter.Store(instruction, 0);
    }

    private static void LoadFlushed(ScalarEmitter emitter, Instruction instruction, int operand)
    {
        emitter.Load(instruction, operand);
        if (instruction.Has("ftz")) emitter.Call(RealMath.Flush);
    }
}
