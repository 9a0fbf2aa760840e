using System.Reflection.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Emits what lanes bring to a wait, and how they take what the wait gave: <see cref="ExchangeEmission"/> for vectors.</summary>
internal static class LaneExchange
{
    public static void Save(LaneEmitter emitter, WaitSite site)
    {
        if (site.Value is { Type: var type } value)
        {
            if (type == default || type == ScalarType.Predicate) SavePredicate(emitter, value.Operand);
            else Save(emitter, value.Operand, type, ExchangeSlots.Values);
        }

        foreach (var (operand, slots) in ((WaitOperand?, int)[])[(site.Second, ExchangeSlots.Seconds), (site.Third, ExchangeSlots.Thirds), (site.Mask, ExchangeSlots.Masks)])
            if (operand is { Constants: null })
                Save(emitter, operand.Operand, operand.Type, slots);
        for (var i = 0; i < site.Fragments.Count; i++)
            Save(emitter, site.Fragments[i].Operand, site.Fragments[i].Type, ExchangeEmission.FragmentSlot(i));
    }

    public static void Take(LaneEmitter emitter, Instruction instruction)
    {
        var (target, type) = (instruction.Operands[0], instruction.OperandTypes[0]);
        if (instruction.Form!.Shapes[0].Role == OperandRole.FragmentResult)
        {
            TakeFragments(emitter, WaitOperand.ElementsOf(target), type);
            return;
        }

        var pair = target as PairOperand;
        if (pair is not null) TakePredicate(emitter, pair.Second, ExchangeSlots.Predicates);
        if (type == default || type == ScalarType.Predicate)
        {
            TakePredicate(emitter, target, ExchangeSlots.Results);
            return;
        }

        LoadPlace(emitter, ExchangeSlots.Results, sizeof(int), 0);
        emitter.Il.Emit(OpCodes.Call, emitter.Shape.Load(LaneShape.Element(type.Slot)));
        emitter.Store(pair?.First ?? target, type, copies: true, 0);
    }

    private static void TakeFragments(LaneEmitter emitter, IReadOnlyList<Operand> targets, ScalarType type)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            for (var part = 0; part < LaneShape.Parts(type.Slot); part++)
            {
                LoadPlace(emitter, ExchangeEmission.FragmentSlot(i), type.Bytes, part);
                emitter.Il.Emit(OpCodes.Call, emitter.Shape.Load(LaneShape.Element(type.Slot)));
                emitter.Store(targets[i], type, copies: true, part);
            }
        }
    }

    private static void TakePredicate(LaneEmitter emitter, Operand target, int slots)
    {
        emitter.Il.Emit(OpCodes.Ldc_I4_0);
        emitter.Call("Create", typeof(int), 1);
        LoadPlace(emitter, slots, sizeof(int), 0);
        emitter.Il.Emit(OpCodes.Call, emitter.Shape.Load(typeof(int)));
        emitter.Call("Subtract", typeof(int), 2);
        emitter.StoreMask(target);
    }

    private static void SavePredicate(LaneEmitter emitter, Operand predicate) => Save(emitter, Slot.I32, ExchangeSlots.Values, sizeof(int), 0, () =>
    {
        emitter.LoadMask(predicate);
        emitter.Call("Negate", typeof(int), 1);
    });

    private static void Save(LaneEmitter emitter, Operand operand, ScalarType type, int slots)
    {
        var bits = new ScalarType(TypeClass.Bits, type.Bits);
        for (var part = 0; part < LaneShape.Parts(bits.Slot); part++)
        {
            var half = part;
            Save(emitter, bits.Slot, slots, bits.Bytes, part, () => emitter.LoadObserved(operand, bits, half));
        }
    }

    private static void Save(LaneEmitter emitter, Slot slot, int slots, int bytes, int part, Action load)
    {
        if (emitter.Masked)
        {
            LoadPlace(emitter, slots, bytes, part);
            emitter.LoadActive(slot, part);
            load();
            emitter.Il.Emit(OpCodes.Call, LaneMemory.Masked("MaskStore", emitter.Shape, slot));
            return;
        }

        load();
        LoadPlace(emitter, slots, bytes, part);
        emitter.Il.Emit(OpCodes.Call, emitter.Shape.Store(LaneShape.Element(slot)));
    }

    private static void LoadPlace(LaneEmitter emitter, int slots, int bytes, int part)
    {
        ExchangeEmission.LoadPlace(emitter.Scalar, slots, bytes);
        if (part == 0) return;
        emitter.Il.Emit(OpCodes.Ldc_I4, emitter.Shape.VectorBytes);
        emitter.Il.Emit(OpCodes.Add);
    }
}
