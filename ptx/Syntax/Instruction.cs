using Broker.Ptx.Instructions;

namespace Broker.Ptx.Syntax;

/// <summary>Is an opcode with its modifiers, guard and operands, and the form of the table that it takes.</summary>
internal sealed record Instruction(
    string Opcode,
    IReadOnlyList<string> Modifiers,
    IReadOnlyList<Operand> Operands,
    int Line,
    int Column)
{
    /// <summary>Gets the predicate register under which this runs: a register or its negation.</summary>
    public Operand? Guard { get; init; }

    /// <summary>Gets the instruction of the text that this is a part of, or null where it stands there itself.</summary>
    public Instruction? Origin { get; init; }

    /// <summary>Gets the form that was selected, or null where the engine has none.</summary>
    public InstructionForm? Form { get; init; }

    /// <summary>Gets the type of each operand that the form gave it.</summary>
    public IReadOnlyList<ScalarType> OperandTypes { get; init; } = [];

    public string Name => Modifiers.Count == 0 ? Opcode : $"{Opcode}.{string.Join('.', Modifiers)}";

    /// <summary>Gets the first type among the modifiers.</summary>
    public ScalarType Type => TypeAt(0);

    public bool Has(string modifier) => Modifiers.Contains(modifier);

    public ScalarType TypeAt(int index)
    {
        foreach (var modifier in Modifiers)
            if (ScalarType.FindOperand(modifier) is { } type && index-- == 0)
                return type;
        throw new System.Diagnostics.UnreachableException($"{Name} has no such type");
    }
}
