using System.Reflection.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Emits what a thread brings to a wait, and how it takes what the wait gave.</summary>
internal static class ExchangeEmission
{
    /// <summary>Makes the instruction that takes the result of a wait, the first after it.</summary>
    public static Instruction ResultOf(Instruction wait)
    {
        var form = new InstructionForm(wait.Opcode, wait.Form!.Pattern, wait.Form.Operands.Split(' ')[0], Take, Traits.Copies | Traits.TakesResult);
        return wait with { Form = form, Operands = [wait.Operands[0]], OperandTypes = [wait.OperandTypes[0]] };
    }

    public static void Save(ScalarEmitter emitter, WaitSite site)
    {
        if (site.Value is { } value)
        {
            var predicate = value.Type == default;
            LoadPlace(emitter, ExchangeSlots.Values, predicate ? sizeof(int) : value.Type.Bytes);
            if (predicate) emitter.LoadPredicate(value.Operand);
            else emitter.LoadBits(value.Operand, value.Type);
            emitter.Il.Emit(value.Type.Bytes == 8 ? OpCodes.Stind_I8 : OpCodes.Stind_I4);
        }

        Save(emitter, site.Second, ExchangeSlots.Seconds);
        Save(emitter, site.Third, ExchangeSlots.Thirds);
        Save(emitter, site.Mask, ExchangeSlots.Masks);
        for (var i = 0; i < site.Fragments.Count; i++)
        {
            var fragment = site.Fragments[i];
            LoadPlace(emitter, FragmentSlot(i), fragment.Type.Bytes);
            emitter.LoadBits(fragment.Operand, fragment.Type);
            emitter.Il.Emit(fragment.Type.Bytes == 8 ? OpCodes.Stind_I8 : OpCodes.Stind_I4);
        }
    }

    public static int FragmentSlot(int register) => ExchangeSlots.Fragments + register * ExchangeSlots.FragmentBytes;

    private static void Save(ScalarEmitter emitter, WaitOperand? operand, int slots)
    {
        if (operand is not { Constants: null }) return;
        LoadPlace(emitter, slots, sizeof(int));
        emitter.LoadBits(operand.Operand, operand.Type);
        emitter.Il.Emit(OpCodes.Stind_I4);
    }

    private static void Take(ScalarEmitter emitter, Instruction instruction)
    {
        var (target, type) = (instruction.Operands[0], instruction.OperandTypes[0]);
        if (instruction.Form!.Shapes[0].Role == OperandRole.FragmentResult)
        {
            TakeFragments(emitter, WaitOperand.ElementsOf(target), type);
            return;
        }

        var pair = target as PairOperand;
        if (pair is not null)
        {
            LoadPlace(emitter, ExchangeSlots.Predicates, sizeof(int));
            emitter.Il.Emit(OpCodes.Ldind_I4);
            emitter.StorePredicate(pair.Second);
        }

        LoadPlace(emitter, ExchangeSlots.Results, sizeof(int));
        emitter.Il.Emit(type.IsReal ? OpCodes.Ldind_R4 : OpCodes.Ldind_I4);
        if (type == default) emitter.StorePredicate(target);
        else emitter.StoreTo(pair?.First ?? target, type, copies: true);
    }

    private static void TakeFragments(ScalarEmitter emitter, IReadOnlyList<Operand> targets, ScalarType type)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            LoadPlace(emitter, FragmentSlot(i), type.Bytes);
            emitter.Il.Emit(type.Bytes == 8 ? OpCodes.Ldind_I8 : OpCodes.Ldind_I4);
            emitter.StoreTo(targets[i], type, copies: true);
        }
    }

    public static void LoadPlace(ScalarEmitter emitter, int slots, int bytes)
    {
        emitter.Il.Emit(OpCodes.Ldloc, emitter.LaunchValue(nameof(BlockState.Exchange)));
        emitter.Il.Emit(OpCodes.Ldloc, emitter.Thread);
        emitter.Il.Emit(OpCodes.Conv_I);
        emitter.Il.Emit(OpCodes.Ldc_I4, bytes);
        emitter.Il.Emit(OpCodes.Mul);
        emitter.Il.Emit(OpCodes.Add);
        emitter.Il.Emit(OpCodes.Ldc_I4, slots);
        emitter.Il.Emit(OpCodes.Add);
    }
}
