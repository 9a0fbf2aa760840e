namespace Broker.Ptx.Syntax;

/// <summary>Is one line of a function body.</summary>
internal abstract record Statement;

internal sealed record RegisterStatement(string Type, IReadOnlyList<(string Name, long? Count)> Names) : Statement;

internal sealed record VariableStatement(Variable Variable) : Statement;

internal sealed record LabelStatement(Label Label) : Statement;

internal sealed record InstructionStatement(Instruction Instruction) : Statement;

/// <summary>Lists where an indexed branch may go.</summary>
internal sealed record TargetsStatement(Label Name, IReadOnlyList<LabelOperand> Targets) : Statement;

/// <summary>Lists the functions to which a call through a pointer may lead.</summary>
internal sealed record CallTargetsStatement(Label Name, IReadOnlyList<string> Functions) : Statement;

/// <summary>Says what a function takes and gives that is called through a pointer.</summary>
internal sealed record PrototypeStatement(Label Name, IReadOnlyList<Variable> Results, IReadOnlyList<Variable> Parameters, bool NoReturn) : Statement;

internal sealed record PragmaStatement(string Text) : Statement;

internal sealed record ScopeStatement(IReadOnlyList<Statement> Statements) : Statement;
