using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Gives one call of a function registers, labels and memory of its own.</summary>
internal sealed class Renaming
{
    private readonly Dictionary<Register, Register> _registers = [];
    private readonly Dictionary<Label, Label> _labels = [];
    private readonly Dictionary<Variable, Variable> _variables = [];

    public void Bind(Variable parameter, Variable argument) => _variables[parameter] = argument;

    /// <summary>Gives a variable of the body its own copy; shared memory is one for all calls.</summary>
    public Variable Own(Variable variable)
    {
        if (variable.Space is not (StateSpace.Local or StateSpace.Parameter)) return variable;
        return _variables[variable] = variable with { Line = variable.Line };
    }

    public Label Of(Label label)
    {
        label = label.Target;
        if (!_labels.TryGetValue(label, out var own)) _labels[label] = own = new Label(label.Name);
        return own;
    }

    public TargetsStatement Of(TargetsStatement targets) =>
        new(Of(targets.Name), [.. targets.Targets.Select(t => new LabelOperand(Of(t.Label)))]);

    public Instruction Of(Instruction instruction) => instruction with
    {
        Operands = [.. instruction.Operands.Select(Of)],
        Guard = instruction.Guard is { } guard ? Of(guard) : null,
    };

    private Operand Of(Operand operand) => operand switch
    {
        RegisterOperand register => new RegisterOperand(Of(register.Register)),
        LabelOperand label => new LabelOperand(Of(label.Label)),
        SymbolOperand symbol => symbol with { Variable = _variables.GetValueOrDefault(symbol.Variable, symbol.Variable) },
        AddressOperand address => address with { Base = Of(address.Base) },
        NegatedOperand negated => new NegatedOperand(Of(negated.Inner)),
        PairOperand pair => new PairOperand(Of(pair.First), Of(pair.Second)),
        VectorOperand vector => new VectorOperand([.. vector.Elements.Select(Of)]),
        ListOperand list => new ListOperand([.. list.Elements.Select(Of)]),
        _ => operand,
    };

    public Register Of(Register register)
    {
        if (!_registers.TryGetValue(register, out var own)) _registers[register] = own = new Register(register.Name, register.Type);
        return own;
    }
}
