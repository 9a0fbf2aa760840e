using System.Reflection.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits comparisons and selections for all lanes (PTX ISA 9.7.5 and 9.7.6).</summary>
internal static class ComparisonLanes
{
    public static LaneForm? Find(Instruction instruction)
    {
        if (instruction.Opcode == "selp") return instruction.Type.IsReal || instruction.Type.Bits >= 32 ? Select : null;
        var type = instruction.OperandTypes[1];
        return type.Bits >= 32 && !HalfEmission.IsPacked(instruction) && Function(instruction.Modifiers[0], type) is not null ? SetPredicate : null;
    }

    private static void Select(LaneEmitter emitter, Instruction instruction)
    {
        var slot = instruction.OperandTypes[0].Slot;
        for (var part = 0; part < LaneShape.Parts(slot); part++)
        {
            emitter.LoadMask(instruction.Operands[3]);
            emitter.WidenMask(slot, part);
            emitter.Load(instruction, 1, part);
            emitter.Load(instruction, 2, part);
            emitter.Call("ConditionalSelect", slot, 3);
            emitter.Store(instruction, 0, part);
        }
    }

    private static void SetPredicate(LaneEmitter emitter, Instruction instruction)
    {
        var type = instruction.OperandTypes[1];
        var parts = LaneShape.Parts(type.Slot);
        for (var part = 0; part < parts; part++) Compare(emitter, instruction, type, part);
        if (parts == 2) emitter.Call("Narrow", typeof(long), 2);
        if (instruction.Operands.Count > 3) Combine(emitter, instruction);
        emitter.StoreMask(instruction.Operands[0]);
    }

    private static void Combine(LaneEmitter emitter, Instruction instruction)
    {
        emitter.LoadMask(instruction.Operands[3]);
        emitter.Call(instruction.Modifiers[1] switch { "and" => "BitwiseAnd", "or" => "BitwiseOr", _ => "Xor" }, typeof(int), 2);
    }

    /// <summary>Pushes a mask with elements as wide as what is compared.</summary>
    private static void Compare(LaneEmitter emitter, Instruction instruction, ScalarType type, int part)
    {
        var (function, negated) = Function(instruction.Modifiers[0], type)!.Value;
        var integers = LaneShape.Parts(type.Slot) == 2 ? typeof(long) : typeof(int);
        if (function is null)
        {
            // num: both are numbers, which equal themselves.
            for (var operand = 1; operand <= 2; operand++)
            {
                Load(operand);
                emitter.Il.Emit(OpCodes.Dup);
                emitter.Call("Equals", type.Slot, 2);
            }

            emitter.Call("BitwiseAnd", type.Slot, 2);
        }
        else
        {
            Load(1);
            Load(2);
            emitter.Call(function, Element(type), 2);
            if (instruction.Modifiers[0] is "ne" or "equ" && type.IsReal)
            {
                // Less or greater.
                Load(1);
                Load(2);
                emitter.Call("GreaterThan", type.Slot, 2);
                emitter.Call("BitwiseOr", type.Slot, 2);
            }
        }

        if (Element(type) != integers) emitter.Reinterpret(Element(type), integers);
        if (negated) emitter.Call("OnesComplement", integers, 1);

        void Load(int operand)
        {
            emitter.Load(instruction, operand, part);
            if (type == ScalarType.F32 && instruction.Has("ftz")) RealLanes.Flush(emitter);
            if (!type.IsReal && Element(type) != integers) emitter.Reinterpret(integers, Element(type));
        }
    }

    private static Type Element(ScalarType type) => type.IsReal || type.IsSigned || type.Class == TypeClass.Bits
        ? LaneShape.Element(type.Slot)
        : type.Bits == 64 ? typeof(ulong) : typeof(uint);

    /// <summary>Gives the function of .NET, and whether its result is negated; a null function stands for a test of NaN.</summary>
    private static (string? Function, bool Negated)? Function(string comparison, ScalarType type) => comparison switch
    {
        "eq" => ("Equals", false),
        "ne" when !type.IsReal => ("Equals", true),
        "ne" => ("LessThan", false),
        "equ" => ("LessThan", true),
        "neu" => ("Equals", true),
        "lt" or "lo" => ("LessThan", false),
        "le" or "ls" => ("LessThanOrEqual", false),
        "gt" or "hi" => ("GreaterThan", false),
        "ge" or "hs" => ("GreaterThanOrEqual", false),
        "ltu" => ("GreaterThanOrEqual", true),
        "leu" => ("GreaterThan", true),
        "gtu" => ("LessThanOrEqual", true),
        "geu" => ("LessThan", true),
        "num" => (null, false),
        "nan" => (null, true),
        _ => null,
    };
}
