namespace Broker.Ptx.Syntax;

/// <summary>Is an entry or a function of a module, as it was written.</summary>
internal sealed record Function(string Name, bool IsEntry, int Line, int Column)
{
    public string Linkage { get; init; } = "";

    public IReadOnlyList<Variable> Results { get; init; } = [];

    public IReadOnlyList<Variable> Parameters { get; init; } = [];

    /// <summary>Gets the performance directives, such as <c>.maxntid</c>, with their numbers.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<ulong> Values)> Directives { get; init; } = [];

    /// <summary>Gets the body, or null for a declaration.</summary>
    public IReadOnlyList<Statement>? Body { get; init; }

    public Dim3? FindDirective(string name)
    {
        foreach (var (directive, values) in Directives)
        {
            if (directive != name) continue;
            return new Dim3((uint)values[0], values.Count > 1 ? (uint)values[1] : 1, values.Count > 2 ? (uint)values[2] : 1);
        }

        return null;
    }

    /// <summary>Gives all instructions, those of nested scopes too.</summary>
    public IEnumerable<Instruction> Instructions() => Flatten(Body ?? []).OfType<InstructionStatement>().Select(s => s.Instruction);

    public IEnumerable<Variable> Variables() => Flatten(Body ?? []).OfType<VariableStatement>().Select(s => s.Variable);

    public IEnumerable<Statement> Statements() => Flatten(Body ?? []);

    private static IEnumerable<Statement> Flatten(IReadOnlyList<Statement> statements) =>
        statements.SelectMany(s => s is ScopeStatement scope ? Flatten(scope.Statements) : [s]);
}
