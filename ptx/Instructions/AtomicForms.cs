using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists atomic read-modify-writes (PTX ISA 9.7.13.4 and 9.7.13.5).</summary>
internal static class AtomicForms
{
    // PTX ISA 9.7.13.4 puts the operation last, but assemblers do not insist: nvcc writes atom.global.cta.add.u32 and ILGPU red.add.global.u32.
    private const Traits Marks = Traits.Copies | Traits.AnyOrder;

    private const string Order = "{relaxed|acquire|release|acq_rel} {cta|cluster|gpu|sys} {global|shared|shared::cta} {L2::cache_hint}";

    public static IEnumerable<InstructionForm> All =>
    [
        .. Both("add <u32|s32|u64|s64>", AtomicEmission.Add),
        .. Both("and <b32|b64>", e => e.Il.Emit(OpCodes.And)),
        .. Both("or <b32|b64>", e => e.Il.Emit(OpCodes.Or)),
        .. Both("xor <b32|b64>", e => e.Il.Emit(OpCodes.Xor)),
        .. Both("inc u32", e => e.Call(AtomicMath.Increment)),
        .. Both("dec u32", e => e.Call(AtomicMath.Decrement)),
        .. Both("min s32", e => e.Call(IntegerMath.MinS32)),
        .. Both("min u32", e => e.Call(IntegerMath.MinU32)),
        .. Both("min s64", e => e.Call(IntegerMath.MinS64)),
        .. Both("min u64", e => e.Call(IntegerMath.MinU64)),
        .. Both("max s32", e => e.Call(IntegerMath.MaxS32)),
        .. Both("max u32", e => e.Call(IntegerMath.MaxU32)),
        .. Both("max s64", e => e.Call(IntegerMath.MaxS64)),
        .. Both("max u64", e => e.Call(IntegerMath.MaxU64)),
        .. Both("add f32", e => e.Call(AtomicMath.AddF32)),
        .. Both("add f64", e => e.Call(AtomicMath.AddF64)),
        .. Both("add noftz f16", e => e.Call(HalfMath.Add)),
        .. Both("add noftz bf16", e => e.Call(BrainMath.Add)),
        .. Both("add noftz f16x2", e => e.Call(AtomicMath.AddHalves)),
        .. Both("add noftz bf16x2", e => e.Call(AtomicMath.AddBrains)),
        new("atom", $"{Order} exch <b32|b64>", "d m s policy?", AtomicEmission.Exchange, Marks),
        new("atom", $"{Order} cas <b16|b32|b64>", "d m s s policy?", AtomicEmission.CompareAndSwap, Marks),
    ];

    /// <summary>Lists an operation with its result and without; what it leaves is computed on bits.</summary>
    private static IEnumerable<InstructionForm> Both(string operation, Action<ScalarEmitter> combine) =>
        Both(operation, (e, i) => AtomicEmission.Combine(e, i, combine));

    private static IEnumerable<InstructionForm> Both(string operation, Action<ScalarEmitter, Instruction> emission) =>
    [
        new("atom", $"{Order} {operation}", "d m s policy?", emission, Marks),
        new("red", $"{Order} {operation}", "m s policy?", emission, Marks),
    ];
}
