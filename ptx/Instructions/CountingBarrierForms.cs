using System.Reflection.Emit;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using Broker.Ptx.Expansions;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists barriers that lie in shared memory (PTX ISA 9.7.13.15).</summary>
/// <remarks>A question whether a phase is complete is a wait: threads run one after the other, so those that it hangs on have to run first.</remarks>
internal static class CountingBarrierForms
{
    private const string Shared = "{shared|shared::cta} b64";
    private const string Arriving = $"{{release|relaxed}} {{cta|cluster}} {Shared}";
    private const string Asking = $"{{acquire|relaxed}} {{cta|cluster}} {Shared}";

    private static readonly InstructionForm FindPlace = new("mbarrier", "", "d:u32 m:shared", EmitPlace);
    private static readonly InstructionForm AskByParity = ControlForms.Flow("mbarrier", "", "po lane x:u32");
    private static readonly InstructionForm AskByState = ControlForms.Flow("mbarrier", "", "po lane x:b64");

    public static IEnumerable<InstructionForm> All =>
    [
        Change("mbarrier", $"init {Shared}", "m s:u32", BarrierChange.Initialise),
        Change("mbarrier", $"inval {Shared}", "m", BarrierChange.Invalidate),
        Change("mbarrier", $"expect_tx {{relaxed}} {{cta|cluster}} {Shared}", "m s:u32", BarrierChange.ExpectBytes),
        Change("mbarrier", $"complete_tx {{relaxed}} {{cta|cluster}} {Shared}", "m s:u32", BarrierChange.CompleteBytes),
        Change("mbarrier", $"arrive {Arriving}", "d m s:u32?", BarrierChange.Arrive),
        Change("mbarrier", $"arrive noComplete {Arriving}", "d m s:u32", BarrierChange.ArriveWithoutEnd),
        Change("mbarrier", $"arrive expect_tx {Arriving}", "d m s:u32", BarrierChange.ArriveAndExpectBytes),
        Change("mbarrier", $"arrive_drop {Arriving}", "d m s:u32?", BarrierChange.Drop),
        Change("mbarrier", $"arrive_drop noComplete {Arriving}", "d m s:u32", BarrierChange.DropWithoutEnd),
        Change("mbarrier", $"arrive_drop expect_tx {Arriving}", "d m s:u32", BarrierChange.DropAndExpectBytes),
        // Copies are done by now. One that was counted on its own account takes nothing from what is pending.
        Change("cp", $"async mbarrier arrive {Shared}", "m", BarrierChange.Look),
        Change("cp", $"async mbarrier arrive noinc {Shared}", "m", BarrierChange.Arrive),
        Question($"test_wait {Asking}", "po m s:b64", AskByState),
        Question($"test_wait parity {Asking}", "po m s:u32", AskByParity),
        Question($"try_wait {Asking}", "po m s:b64 s:u32?", AskByState),
        Question($"try_wait parity {Asking}", "po m s:u32 s:u32?", AskByParity),
        new("mbarrier", "pending_count b64", "d:b32 s:b64", Emissions.Apply(CountingBarrier.PendingCount)),
    ];

    private static InstructionForm Change(string opcode, string pattern, string operands, BarrierChange change)
    {
        var place = operands[0] == 'm' ? 0 : 1;
        var form = new InstructionForm(opcode, pattern, operands, (e, i) => EmitChange(e, i, place, change));
        return Expansion.Form(opcode, pattern, operands, (expansion, instruction) =>
        {
            Operand[] changed = [.. instruction.Operands];
            changed[place] = expansion.SharedPlace((AddressOperand)changed[place]);
            expansion.AddShared(form, changed);
        });
    }

    private static InstructionForm Question(string pattern, string operands, InstructionForm ask) =>
        Expansion.Form("mbarrier", pattern, operands, (expansion, instruction) =>
        {
            var place = Expansion.Register(ScalarType.U32);
            expansion.AddShared(FindPlace, place, expansion.SharedPlace((AddressOperand)instruction.Operands[1]));
            expansion.AddShared(ask, instruction.Operands[0], place, instruction.Operands[2]);
        });

    private static void EmitChange(ScalarEmitter emitter, Instruction instruction, int place, BarrierChange change)
    {
        var host = emitter.Borrow(typeof(nint));
        emitter.LoadHostAddress(instruction, (AddressOperand)instruction.Operands[place]);
        emitter.Il.Emit(OpCodes.Stloc, host);
        var before = Call(emitter, instruction, host, change, place + 1);
        emitter.Il.Emit(OpCodes.Ldloc, before);
        if (place == 1) emitter.Store(instruction, 0);
        else emitter.Il.Emit(OpCodes.Pop);
        emitter.GiveBack(host, before);
    }

    private static void EmitPlace(ScalarEmitter emitter, Instruction instruction)
    {
        var host = emitter.Borrow(typeof(nint));
        emitter.LoadHostAddress(instruction, (AddressOperand)instruction.Operands[1]);
        emitter.Il.Emit(OpCodes.Stloc, host);
        emitter.GiveBack(Call(emitter, instruction, host, BarrierChange.Look, instruction.Operands.Count));
        emitter.Il.Emit(OpCodes.Ldloc, host);
        emitter.Il.Emit(OpCodes.Ldloc, emitter.LaunchValue(nameof(BlockState.Shared)));
        emitter.Il.Emit(OpCodes.Sub);
        emitter.Il.Emit(OpCodes.Conv_I4);
        emitter.Store(instruction, 0);
        emitter.GiveBack(host);
    }

    /// <summary>Changes the barrier, and leaves where it cannot be changed so.</summary>
    private static LocalBuilder Call(ScalarEmitter emitter, Instruction instruction, LocalBuilder host, BarrierChange change, int count)
    {
        var il = emitter.Il;
        var before = emitter.Borrow(Slot.I64);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloc, host);
        if (count < instruction.Operands.Count) emitter.Load(instruction, count);
        else il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Ldc_I4, (int)change);
        il.Emit(OpCodes.Ldc_I4, instruction.Line);
        emitter.Call(typeof(BlockState), nameof(BlockState.ChangeBarrier));
        il.Emit(OpCodes.Stloc, before);
        il.Emit(OpCodes.Ldloc, before);
        il.Emit(OpCodes.Ldc_I8, BlockState.BarrierFailed);
        il.Emit(OpCodes.Beq, emitter.Fault);
        return before;
    }
}
