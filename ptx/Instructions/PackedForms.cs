using Broker.Ptx.Expansions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists what is done to two floats, or two words of 64 bits, that share a register (PTX ISA 9.7.3 and 9.7.9).</summary>
internal static class PackedForms
{
    private const string Rounding = "rn|rz|rm|rp";

    public static IEnumerable<InstructionForm> All =>
    [
        Floats("add", $"{{{Rounding}}}", 2),
        Floats("sub", $"{{{Rounding}}}", 2),
        Floats("mul", $"{{{Rounding}}}", 2),
        Floats("fma", $"<{Rounding}>", 3),
        Expansion.Form("mov", "b128", "dP sP", Move),
        .. MemoryForms.OfType("b128").Select(form => Expansion.Form(form.Opcode, form.Pattern, form.Operands, Access)),
    ];

    private static InstructionForm Floats(string opcode, string rounding, int sources) =>
        Expansion.Form(opcode, $"{rounding} {{ftz}} f32x2", $"d:b64{string.Concat(Enumerable.Repeat(" s:b64", sources))}", (expansion, instruction) =>
        {
            var taken = instruction.Operands.Skip(1).Select(source =>
            {
                var floats = Expansion.Registers(2, ScalarType.F32);
                expansion.Add("mov.b64", floats, source);
                return floats;
            }).ToList();
            var given = Expansion.Registers(2, ScalarType.F32);
            var name = string.Join('.', [opcode, .. instruction.Modifiers.SkipLast(1), "f32"]);
            for (var half = 0; half < 2; half++) expansion.Add(name, [given.Elements[half], .. taken.Select(t => t.Elements[half])]);
            expansion.Add("mov.b64", instruction.Operands[0], given);
        });

    private static void Move(Expansion expansion, Instruction instruction)
    {
        var source = Halves(instruction.Operands[1]);
        // One may be written where the other is still to be read.
        var between = Expansion.Registers(2, ScalarType.B64);
        foreach (var (half, value) in between.Elements.Zip(source.Elements)) expansion.Add("mov.b64", half, value);
        foreach (var (target, half) in Halves(instruction.Operands[0]).Elements.Zip(between.Elements))
            if (target is RegisterOperand) expansion.Add("mov.b64", target, half);
    }

    private static void Access(Expansion expansion, Instruction instruction)
    {
        var value = instruction.Opcode == "st" ? 1 : 0;
        Operand[] operands = [.. instruction.Operands];
        operands[value] = Halves(operands[value]);
        expansion.Add(string.Join('.', [instruction.Opcode, .. instruction.Modifiers.SkipLast(1), "v2", "b64"]), operands);
    }

    private static VectorOperand Halves(Operand operand) => operand switch
    {
        VectorOperand vector => vector,
        RegisterOperand { Register.Halves: var (low, high) } => new VectorOperand([new RegisterOperand(low), new RegisterOperand(high)]),
        ImmediateOperand number => new VectorOperand([number, Expansion.Number(0)]),
        _ => throw new System.Diagnostics.UnreachableException(operand.ToString()),
    };
}
