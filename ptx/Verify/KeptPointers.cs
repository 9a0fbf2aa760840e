using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Knows which pointers a thread may have put into memory of its own, and where.</summary>
/// <remarks>Kernels whose calls were inlined have thousands of such places, so each variable has its own.</remarks>
internal sealed class KeptPointers
{
    private readonly Dictionary<Variable, Dictionary<long, HashSet<MemoryRoot>>> _places = [];
    private readonly HashSet<MemoryRoot> _somewhere = [];

    /// <summary>Adds pointers that are put at an offset of a variable, or where it cannot be told if that is null.</summary>
    /// <returns>Whether one of them is new.</returns>
    public bool Add(Variable? variable, long offset, IReadOnlySet<MemoryRoot> roots)
    {
        if (roots.Count == 0) return false;
        var kept = _somewhere;
        if (variable is not null)
        {
            if (!_places.TryGetValue(variable, out var offsets)) _places[variable] = offsets = [];
            if (!offsets.TryGetValue(offset, out kept)) offsets[offset] = kept = [];
        }

        var before = kept.Count;
        kept.UnionWith(roots);
        return kept.Count > before;
    }

    /// <summary>Gives what may lie at an offset of a variable.</summary>
    public HashSet<MemoryRoot> At(Variable variable, long offset) =>
        [.. _places.TryGetValue(variable, out var offsets) && offsets.TryGetValue(offset, out var kept) ? kept.Concat(_somewhere) : _somewhere];

    /// <summary>Gives what may lie in some bytes of a variable, even in part.</summary>
    public HashSet<MemoryRoot> Around(Variable variable, long offset, int bytes) =>
        [.. _places.TryGetValue(variable, out var offsets) ? offsets.Where(k => k.Key < offset + bytes && offset < k.Key + sizeof(ulong)).SelectMany(k => k.Value).Concat(_somewhere) : _somewhere];

    /// <summary>Gives what may lie where addresses of these roots lead.</summary>
    public IEnumerable<MemoryRoot> Behind(IReadOnlySet<MemoryRoot> roots)
    {
        if (roots.Any(r => r is { Space: StateSpace.Local, Variable: null })) return _places.Values.SelectMany(o => o.Values).SelectMany(k => k).Concat(_somewhere);
        return roots.Select(r => r.Variable).OfType<Variable>().Where(_places.ContainsKey).SelectMany(v => _places[v].Values).SelectMany(k => k).Concat(_somewhere);
    }
}
