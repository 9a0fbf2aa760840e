namespace Broker.Ptx.Syntax;

/// <summary>Is a PTX text as it was written, names resolved.</summary>
/// <param name="Items">The variables and functions, in the order of the text.</param>
internal sealed record ParsedModule(string Version, string Target, IReadOnlyList<object> Items)
{
    public IEnumerable<Variable> Variables => Items.OfType<Variable>();

    public IEnumerable<Function> Functions => Items.OfType<Function>();
}
