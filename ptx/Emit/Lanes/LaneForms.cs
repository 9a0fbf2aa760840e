using System.Runtime.Intrinsics.X86;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits an instruction for all lanes at once.</summary>
internal delegate void LaneForm(LaneEmitter emitter, Instruction instruction);

/// <summary>Knows which instructions have a vector form; for the others the lanes take turns.</summary>
internal static class LaneForms
{
    public static LaneForm? Find(Instruction instruction, LaneShape shape) => instruction.Opcode switch
    {
        "mov" or "cvta" => MoveLanes.Find(instruction),
        "setp" or "selp" => ComparisonLanes.Find(instruction),
        "cvt" => ConversionLanes.Find(instruction, shape),
        _ when instruction.OperandTypes[0] == ScalarType.Predicate => MoveLanes.FindLogic(instruction),
        _ when instruction.OperandTypes[0].IsReal => RealLanes.Find(instruction),
        "shl" or "shr" or "shf" => ShiftLanes.Find(instruction, shape),
        _ => IntegerLanes.Find(instruction, shape),
    };

    /// <summary>Gets whether shifts of 64 bits by a count of their own for each lane, with the sign kept, are one instruction.</summary>
    public static bool HasVariableArithmeticShift64(LaneShape shape) => shape.Is512 || Avx512F.VL.IsSupported;
}
