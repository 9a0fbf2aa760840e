namespace Broker.Ptx.Syntax;

/// <summary>Is a PTX text as it was written, names resolved.</summary>
/// <param name="Items">The variables, functions and aliases, in the order of the text.</param>
internal sealed record ParsedModule(string Version, string Target, IReadOnlyList<object> Items)
{
    /// <summary>Gets for each name that means a function of another name that function.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; } = Items.OfType<Alias>().ToDictionary(a => a.Name, a => a.Function);

    public IEnumerable<Variable> Variables => Items.OfType<Variable>();

    public IEnumerable<Function> Functions => Items.OfType<Function>();
}

/// <summary>Is another name of a function (PTX ISA 11.6.4).</summary>
internal sealed record Alias(string Name, string Function);
