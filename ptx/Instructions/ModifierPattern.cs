namespace Broker.Ptx.Instructions;

/// <summary>Is the modifiers that a form accepts, in the order in which the PTX manual lists them.</summary>
/// <remarks><c>{a|b}</c> is one of these or none, <c>&lt;a|b&gt;</c> is one of these, a bare word is itself.</remarks>
internal sealed class ModifierPattern
{
    private readonly (string[] Choices, bool Optional)[] _steps;
    private readonly bool _anyOrder;

    public ModifierPattern(string pattern, bool anyOrder)
    {
        _anyOrder = anyOrder;
        _steps = [.. pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => (word.Trim('{', '}', '<', '>').Split('|'), word[0] == '{'))];
    }

    public bool Matches(IReadOnlyList<string> modifiers) => MatchesInOrder(modifiers) || (_anyOrder && MatchesInAnyOrder(modifiers));

    private bool MatchesInAnyOrder(IReadOnlyList<string> modifiers)
    {
        var uses = _steps.Select(step => modifiers.Count(step.Choices.Contains)).ToList();
        return uses.Sum() == modifiers.Count
            && uses.Zip(_steps).All(use => use.First == 1 || use is { First: 0, Second.Optional: true })
            && _steps[^1].Choices.Contains(modifiers[^1]);
    }

    private bool MatchesInOrder(IReadOnlyList<string> modifiers)
    {
        var next = 0;
        foreach (var (choices, optional) in _steps)
        {
            if (next < modifiers.Count && choices.Contains(modifiers[next])) next++;
            else if (!optional) return false;
        }

        return next == modifiers.Count;
    }
}
