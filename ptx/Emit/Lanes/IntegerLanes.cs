using System.Reflection.Emit;
using System.Runtime.Intrinsics.X86;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits the integer arithmetic and the logic of 32 and 64 bits for all lanes (PTX ISA 9.7.1 and 9.7.8).</summary>
internal static class IntegerLanes
{
    public static LaneForm? Find(Instruction instruction, LaneShape shape)
    {
        if (instruction.OperandTypes[0].Bits < 32 || HalfEmission.IsPacked(instruction)) return null;
        return (instruction.Opcode, instruction.Modifiers) switch
        {
            ("add", [_]) => Apply("Add"),
            ("sub", [_]) => Apply("Subtract"),
            ("mul", ["lo", _]) => Apply("Multiply"),
            ("mad", ["lo", _]) => MultiplyAdd,
            ("mul" or "mad", ["wide", var type]) when ScalarType.Find(type)!.Value.Bits == 32 && HasProducts(shape) => MultiplyWide,
            ("mul", ["hi", "u32" or "s32"]) when HasProducts(shape) => MultiplyHigh,
            ("neg", [_]) => Apply("Negate"),
            ("abs", [_]) => Apply("Abs"),
            ("min", [_]) => Apply("Min"),
            ("max", [_]) => Apply("Max"),
            ("and", _) => Apply("BitwiseAnd"),
            ("or", _) => Apply("BitwiseOr"),
            ("xor", _) => Apply("Xor"),
            ("not", _) => Apply("OnesComplement"),
            ("lop3", ["b32"]) => shape.Is512 || Avx512F.VL.IsSupported ? Lop3 : Lop3BySelection,
            ("dp4a", ["s32", "s32"] or ["u32", "u32"]) when (shape.Is512 ? Avx512BW.IsSupported : Avx2.IsSupported) => Dot,
            ("bfe", ["u32"]) when instruction.Operands[2] is ImmediateOperand && instruction.Operands[3] is ImmediateOperand => Extract,
            _ => null,
        };
    }

    private static bool HasProducts(LaneShape shape) => shape.Is512 ? Avx512F.IsSupported : Avx2.IsSupported;

    private static LaneForm Apply(string function) => (emitter, instruction) =>
    {
        var type = instruction.OperandTypes[0];
        // Only for these does the sign count.
        var unsigned = function is "Min" or "Max" && !type.IsSigned;
        var element = LaneShape.Element(type.Slot);
        var elementOfFunction = !unsigned ? element : type.Bits == 64 ? typeof(ulong) : typeof(uint);
        for (var part = 0; part < LaneShape.Parts(type.Slot); part++)
        {
            for (var i = 1; i < instruction.Operands.Count; i++)
            {
                emitter.Load(instruction, i, part);
                if (unsigned) emitter.Reinterpret(element, elementOfFunction);
            }

            emitter.Call(function, elementOfFunction, instruction.Operands.Count - 1);
            if (unsigned) emitter.Reinterpret(elementOfFunction, element);
            emitter.Store(instruction, 0, part);
        }
    };

    private static void MultiplyAdd(LaneEmitter emitter, Instruction instruction)
    {
        var slot = instruction.OperandTypes[0].Slot;
        for (var part = 0; part < LaneShape.Parts(slot); part++)
        {
            emitter.Load(instruction, 1, part);
            emitter.Load(instruction, 2, part);
            emitter.Call("Multiply", slot, 2);
            emitter.Load(instruction, 3, part);
            emitter.Call("Add", slot, 2);
            emitter.Store(instruction, 0, part);
        }
    }

    private static void MultiplyWide(LaneEmitter emitter, Instruction instruction)
    {
        for (var part = 0; part < 2; part++)
        {
            LoadProduct(emitter, instruction, part);
            if (instruction.Opcode == "mad")
            {
                emitter.Load(instruction, 3, part);
                emitter.Call("Add", typeof(long), 2);
            }

            emitter.Store(instruction, 0, part);
        }
    }

    private static void MultiplyHigh(LaneEmitter emitter, Instruction instruction)
    {
        for (var part = 0; part < 2; part++)
        {
            LoadProduct(emitter, instruction, part);
            emitter.Il.Emit(OpCodes.Ldc_I4, 32);
            emitter.Call("ShiftRightLogical", typeof(long), 2);
        }

        emitter.Call("Narrow", typeof(long), 2);
        emitter.Store(instruction, 0, 0);
    }

    /// <summary>Pushes the products of 64 bits of half the lanes.</summary>
    private static void LoadProduct(LaneEmitter emitter, Instruction instruction, int part)
    {
        var element = instruction.Type.IsSigned ? typeof(int) : typeof(uint);
        for (var operand = 1; operand <= 2; operand++)
        {
            emitter.Load(instruction, operand, 0);
            Widen(emitter, instruction.Type.IsSigned, part);
            emitter.Reinterpret(typeof(long), element);
        }

        // Of each element of 64 bits its lower half counts.
        var owner = emitter.Shape.Is512 ? typeof(Avx512F) : typeof(Avx2);
        emitter.Il.Emit(OpCodes.Call, owner.GetMethods().First(m => m.Name == nameof(Avx2.Multiply) && m.GetParameters()[0].ParameterType == emitter.Shape.Vector(element)));
        if (!instruction.Type.IsSigned) emitter.Reinterpret(typeof(ulong), typeof(long));
    }

    /// <summary>Turns integers of 32 bits into half as many of 64.</summary>
    public static void Widen(LaneEmitter emitter, bool signed, int part)
    {
        var from = signed ? typeof(int) : typeof(uint);
        if (!signed) emitter.Reinterpret(typeof(int), from);
        emitter.Call(part == 0 ? "WidenLower" : "WidenUpper", from, 1);
        if (!signed) emitter.Reinterpret(typeof(ulong), typeof(long));
    }

    private static void Lop3(LaneEmitter emitter, Instruction instruction)
    {
        var owner = emitter.Shape.Is512 ? typeof(Avx512F) : typeof(Avx512F.VL);
        for (var i = 1; i <= 3; i++) emitter.Load(instruction, i, 0);
        emitter.Il.Emit(OpCodes.Ldc_I4, (int)((ImmediateOperand)instruction.Operands[4]).Value.Bits & 0xff);
        emitter.Il.Emit(
            OpCodes.Call, owner.GetMethods().First(m => m.Name == nameof(Avx512F.TernaryLogic) && m.GetParameters()[0].ParameterType == emitter.Shape.Vector(typeof(int))));
        emitter.Store(instruction, 0, 0);
    }

    /// <summary>Picks, bit by bit, what the table says for the other two operands: its upper half where the first has a one.</summary>
    private static void Lop3BySelection(LaneEmitter emitter, Instruction instruction)
    {
        var table = (int)((ImmediateOperand)instruction.Operands[4]).Value.Bits & 0xff;
        emitter.Load(instruction, 1, 0);
        Pair(table >> 4);
        Pair(table & 15);
        emitter.Call("ConditionalSelect", typeof(int), 3);
        emitter.Store(instruction, 0, 0);

        void Pair(int half)
        {
            emitter.Load(instruction, 2, 0);
            Single(half >> 2);
            Single(half & 3);
            emitter.Call("ConditionalSelect", typeof(int), 3);
        }

        void Single(int quarter)
        {
            if (quarter is 0 or 3)
            {
                emitter.Il.Emit(quarter == 0 ? OpCodes.Ldc_I4_0 : OpCodes.Ldc_I4_M1);
                emitter.Call("Create", typeof(int), 1);
                return;
            }

            emitter.Load(instruction, 3, 0);
            if (quarter == 1) emitter.Call("OnesComplement", typeof(int), 1);
        }
    }

    private static void Extract(LaneEmitter emitter, Instruction instruction)
    {
        var (start, length) = (Number(2), Number(3));
        emitter.Load(instruction, 1, 0);
        if (start > 31 || length == 0)
        {
            emitter.Il.Emit(OpCodes.Pop);
            emitter.Il.Emit(OpCodes.Ldc_I4_0);
            emitter.Call("Create", typeof(int), 1);
        }
        else
        {
            emitter.Il.Emit(OpCodes.Ldc_I4, start);
            emitter.Call("ShiftRightLogical", typeof(int), 2);
            emitter.Il.Emit(OpCodes.Ldc_I4, length > 31 ? -1 : (1 << length) - 1);
            emitter.Call("Create", typeof(int), 1);
            emitter.Call("BitwiseAnd", typeof(int), 2);
        }

        emitter.Store(instruction, 0, 0);

        int Number(int operand) => (int)((ImmediateOperand)instruction.Operands[operand]).Value.Bits & 0xff;
    }

    /// <summary>Adds four products of bytes: the even bytes as pairs of 16 bits, then the odd ones.</summary>
    private static void Dot(LaneEmitter emitter, Instruction instruction)
    {
        var owner = emitter.Shape.Is512 ? typeof(Avx512BW) : typeof(Avx2);
        var add = owner.GetMethods().First(m => m.Name == nameof(Avx2.MultiplyAddAdjacent) && m.GetParameters()[0].ParameterType == emitter.Shape.Vector(typeof(short)));
        var right = instruction.Type.IsSigned ? "ShiftRightArithmetic" : "ShiftRightLogical";
        emitter.Load(instruction, 3, 0);
        for (var odd = 0; odd < 2; odd++)
        {
            for (var operand = 1; operand <= 2; operand++)
            {
                emitter.Load(instruction, operand, 0);
                emitter.Reinterpret(typeof(int), typeof(short));
                if (odd == 0)
                {
                    emitter.Il.Emit(OpCodes.Ldc_I4_8);
                    emitter.Call("ShiftLeft", typeof(short), 2);
                }

                emitter.Il.Emit(OpCodes.Ldc_I4_8);
                emitter.Call(right, typeof(short), 2);
            }

            emitter.Il.Emit(OpCodes.Call, add);
            emitter.Call("Add", typeof(int), 2);
        }

        emitter.Store(instruction, 0, 0);
    }
}
