using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Gives functions addresses, at which there is nothing to be read, and knows whose address a module takes.</summary>
internal sealed class FunctionAddresses
{
    private const ulong Distance = 16;

    private readonly ParsedModule _module;
    private readonly Dictionary<string, ulong> _addresses = [];
    private readonly HashSet<string> _taken = [];

    public FunctionAddresses(ParsedModule module)
    {
        _module = module;
        foreach (var function in module.Functions.Where(f => !f.IsEntry))
            _addresses.TryAdd(function.Name, AddressMap.FunctionWindow + Distance * (ulong)_addresses.Count);
        foreach (var instruction in module.Functions.SelectMany(f => f.Instructions()).Where(i => i.Opcode != "call"))
            foreach (var function in instruction.Operands.OfType<FunctionOperand>())
                Take(function.Name, instruction.Line);
        foreach (var variable in module.Variables)
            if (variable.Initialiser is { } initialiser)
                Take(initialiser, variable.Line);
    }

    /// <summary>Gets the first line at which the module takes the address of a function, or null where it takes none.</summary>
    public int? FirstTaken { get; private set; }

    /// <summary>Gets the address of a function, or null where it has none: kernels do not.</summary>
    public ulong? Find(string function) => _addresses.TryGetValue(_module.Aliases.GetValueOrDefault(function, function), out var address) ? address : null;

    /// <summary>Gets the functions to which a pointer may lead that fit a prototype, in the order of the text.</summary>
    public IEnumerable<Function> Fitting(PrototypeStatement prototype) => _module.Functions.Where(f =>
        f.Body is not null && _taken.Contains(f.Name) && !f.IsEntry && Fit(f.Parameters, prototype.Parameters) && Fit(f.Results, prototype.Results));

    private static bool Fit(IReadOnlyList<Variable> declared, IReadOnlyList<Variable> wanted) =>
        declared.Count == wanted.Count && declared.Zip(wanted).All(p => p.First.Bytes == p.Second.Bytes);

    private void Take(string function, int line)
    {
        FirstTaken = Math.Min(FirstTaken ?? line, line);
        _taken.Add(_module.Aliases.GetValueOrDefault(function, function));
    }

    private void Take(Initialiser initialiser, int line)
    {
        if (initialiser is InitialiserFunction function) Take(function.Name, line);
        if (initialiser is not InitialiserList list) return;
        foreach (var item in list.Items) Take(item, line);
    }
}
