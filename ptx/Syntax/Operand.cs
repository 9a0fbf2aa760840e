namespace Broker.Ptx.Syntax;

/// <summary>Is what an instruction reads, writes or names.</summary>
internal abstract record Operand;

internal sealed record RegisterOperand(Register Register) : Operand;

internal sealed record SpecialOperand(string Name) : Operand;

internal sealed record ImmediateOperand(Literal Value) : Operand;

/// <summary>Is the address of a variable.</summary>
internal sealed record SymbolOperand(Variable Variable, long Offset) : Operand;

internal sealed record FunctionOperand(string Name) : Operand;

internal sealed record LabelOperand(Label Label) : Operand;

/// <summary>Is a place in memory; the base is a register, a symbol or a number.</summary>
internal sealed record AddressOperand(Operand Base, long Offset) : Operand;

internal sealed record VectorOperand(IReadOnlyList<Operand> Elements) : Operand;

/// <summary>Is an argument list of a call.</summary>
internal sealed record ListOperand(IReadOnlyList<Operand> Elements) : Operand;

internal sealed record NegatedOperand(Operand Inner) : Operand;

internal sealed record PairOperand(Operand First, Operand Second) : Operand;

/// <summary>Is the place of a result that nobody wants.</summary>
internal sealed record SinkOperand : Operand;

/// <summary>Is a place that takes several operands, as textures do; no form of the table accepts one.</summary>
internal sealed record CompoundOperand(IReadOnlyList<Operand> Elements) : Operand;

internal enum LiteralKind { Integer, Single, Double }

internal readonly record struct Literal(LiteralKind Kind, ulong Bits);

internal sealed class Register(string name, ScalarType type)
{
    private (Register, Register)? _halves;

    public string Name { get; } = name;

    public ScalarType Type { get; } = type;

    /// <summary>Gets the two registers that stand for one of 128 bits.</summary>
    public (Register Low, Register High) Halves => _halves ??= (new Register(Name, ScalarType.B64), new Register(Name, ScalarType.B64));

    public override string ToString() => Name;
}

/// <summary>Is a place in a body. A name used before its scope is known joins the label that it turns out to mean.</summary>
internal sealed class Label(string name)
{
    private Label? _joined;

    public string Name { get; } = name;

    public Label Target
    {
        get
        {
            var label = this;
            while (label._joined is { } next) label = next;
            return label;
        }
    }

    public void JoinTo(Label other) => _joined = other;

    public override string ToString() => Name;
}
