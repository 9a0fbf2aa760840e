using Broker.Ptx.Arithmetic;
using Broker.Ptx.Emit;
using Broker.Ptx.Expansions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists atomic read-modify-writes of vectors (PTX ISA 9.7.13.5 and 9.7.13.6).</summary>
/// <remarks>Each element is atomic and the whole is not, so that they are done one after the other. The place is aligned to the whole.</remarks>
internal static class VectorAtomicForms
{
    private const string Order = "{relaxed|acquire|release|acq_rel} {cta|cluster|gpu|sys} {global}";

    private static readonly (string Operation, string Type, Delegate Combine)[] Extremes =
    [
        ("min", "f16", HalfMath.Min),
        ("max", "f16", HalfMath.Max),
        ("min", "bf16", BrainMath.Min),
        ("max", "bf16", BrainMath.Max),
        ("min", "f16x2", AtomicMath.MinHalves),
        ("max", "f16x2", AtomicMath.MaxHalves),
        ("min", "bf16x2", AtomicMath.MinBrains),
        ("max", "bf16x2", AtomicMath.MaxBrains),
    ];

    private static readonly Dictionary<(string Opcode, string Operation, string Type), InstructionForm> ExtremeForms = Extremes
        .SelectMany(e => ((string[])["atom", "red"]).Select(opcode => (opcode, e)))
        .ToDictionary(
            row => (row.opcode, row.e.Operation, row.e.Type),
            row => new InstructionForm(
                row.opcode, "", row.opcode == "atom" ? "d m s" : "m s", (emitter, i) => AtomicEmission.Combine(emitter, i, e => e.Call(row.e.Combine)), Traits.Copies));

    private static readonly InstructionForm WholePlace = new("red", "", "m", static (emitter, instruction) =>
    {
        emitter.LoadHostAddress(instruction, (AddressOperand)instruction.Operands[0]);
        emitter.Il.Emit(System.Reflection.Emit.OpCodes.Pop);
    });

    public static IEnumerable<InstructionForm> All =>
    [
        .. Both("add {L2::cache_hint} <v2|v4> f32"),
        .. Both("<add|min|max> noftz {L2::cache_hint} <v2|v4|v8> <f16|bf16>"),
        .. Both("<add|min|max> noftz {L2::cache_hint} <v2|v4> <f16x2|bf16x2>"),
    ];

    private static IEnumerable<InstructionForm> Both(string operation) =>
    [
        Expansion.Form("atom", $"{Order} {operation}", "dV m sV policy?", Expand),
        Expansion.Form("red", $"{Order} {operation}", "m sV policy?", Expand),
    ];

    private static void Expand(Expansion expansion, Instruction instruction)
    {
        var first = instruction.Opcode == "atom" ? 1 : 0;
        var place = (AddressOperand)instruction.Operands[first];
        var values = ((VectorOperand)instruction.Operands[first + 1]).Elements;
        IReadOnlyList<string> modifiers = [.. instruction.Modifiers.Where(m => m is not ("v2" or "v4" or "v8" or OperandShape.CacheHint))];
        expansion.Add(WholePlace, place);
        var results = Expansion.Registers(values.Count, new ScalarType(TypeClass.Bits, instruction.Type.Bits));
        for (var i = 0; i < values.Count; i++)
        {
            var element = place with { Offset = place.Offset + i * instruction.Type.Bytes };
            Operand[] operands = first == 1 ? [results.Elements[i], element, values[i]] : [element, values[i]];
            if (ExtremeForms.TryGetValue((instruction.Opcode, modifiers.First(m => m is "add" or "min" or "max"), modifiers[^1]), out var form)) expansion.AddAs(modifiers, form, operands);
            else expansion.Add(string.Join('.', [instruction.Opcode, .. modifiers]), operands);
        }

        if (first == 0) return;
        foreach (var (target, result) in ((VectorOperand)instruction.Operands[0]).Elements.Zip(results.Elements))
            if (target is RegisterOperand) expansion.Add($"mov.b{instruction.Type.Bits}", target, result);
    }
}
