using System.Collections.Frozen;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Holds every form of every instruction that the engine runs.</summary>
internal static class InstructionTable
{
    public static IReadOnlyList<InstructionForm> All { get; } =
    [
        .. IntegerForms.All, .. WideIntegerForms.All, .. BitForms.All, .. RealForms.All, .. HalfForms.All, .. ComparisonForms.All,
        .. MoveForms.All, .. ConversionForms.All, .. MemoryForms.All, .. AtomicForms.All, .. ControlForms.All, .. CollectiveForms.All, .. MatrixForms.All, .. FragmentForms.All, .. PackedForms.All, .. VectorAtomicForms.All, .. Expansions.ThreadStack.Forms,
        .. TransferForms.All, .. CopyForms.All, .. CountingBarrierForms.All, .. HintForms.All,
    ];

    private static readonly FrozenDictionary<string, InstructionForm[]> ByOpcode =
        All.GroupBy(form => form.Opcode).ToFrozenDictionary(group => group.Key, group => group.ToArray());

    /// <summary>Gives an instruction its form, or the reason why it has none.</summary>
    public static (Instruction Instruction, PtxError? Error) Select(Instruction instruction)
    {
        instruction = AsBits(instruction);
        var matching = (ByOpcode.GetValueOrDefault(instruction.Opcode) ?? []).Where(f => f.Modifiers.Matches(instruction.Modifiers));
        PtxError? first = null;
        foreach (var form in matching)
        {
            var (types, error) = Fit(instruction, form);
            if (error is null) return (instruction with { Form = form, OperandTypes = types }, null);
            first ??= error;
        }

        return (instruction, first ?? NotSupported(instruction, instruction.Name));
    }

    // PTX ISA 9.4.1: a register of bits may be wider than a float that is loaded to it or stored from it, and then holds its bits.
    private static Instruction AsBits(Instruction instruction)
    {
        if (instruction.Opcode is not ("ld" or "ldu" or "st") || !instruction.Has("f32")) return instruction;
        var value = instruction.Operands.ElementAtOrDefault(instruction.Opcode == "st" ? 1 : 0);
        return value is not null && Registers.In(value).Any(r => r.Type is { Class: TypeClass.Bits, Bits: 64 })
            ? instruction with { Modifiers = [.. instruction.Modifiers.Select(m => m == "f32" ? "b32" : m)] }
            : instruction;
    }

    private static (ScalarType[] Types, PtxError? Error) Fit(Instruction instruction, InstructionForm form)
    {
        var types = new ScalarType[instruction.Operands.Count];
        // A policy stands at the end, wherever the instruction says that it has one.
        var policies = form.Shapes is [.., { Role: OperandRole.Policy }] ? 1 : 0;
        var given = instruction.Has(OperandShape.CacheHint) ? policies : 0;
        if (types.Length < form.LeastOperands + given) return (types, Malformed(instruction, "has a wrong number of operands"));
        // Optional operands at the end, such as the number of threads at a barrier.
        if (types.Length > form.Shapes.Length - policies + given) return (types, NotSupported(instruction, $"{instruction.Name} with {types.Length} operands"));
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = form.Shapes[i].TypeIn(instruction);
            if (OperandCheck.Find(instruction, form.Shapes[i], types[i], instruction.Operands[i]) is { } error) return (types, error);
        }

        return (types, null);
    }

    public static PtxError Malformed(Instruction instruction, string message) =>
        new(PtxErrorKind.Malformed, instruction.Line, instruction.Column, $"{instruction.Name} {message}");

    public static PtxError NotSupported(Instruction instruction, string message) =>
        new(PtxErrorKind.NotSupported, instruction.Line, instruction.Column, message);
}
