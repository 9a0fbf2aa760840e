namespace Broker.Ptx.Instructions;

/// <summary>Is the modifiers that a form accepts, in the order in which the PTX manual lists them.</summary>
/// <remarks><c>{a|b}</c> is one of these or none, <c>&lt;a|b&gt;</c> is one of these, a bare word is itself.</remarks>
internal sealed class ModifierPattern
{
    private readonly (string[] Choices, bool Optional)[] _steps;

    public ModifierPattern(string pattern) =>
        _steps = [.. pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => (word.Trim('{', '}', '<', '>').Split('|'), word[0] == '{'))];

    public bool Matches(IReadOnlyList<string> modifiers)
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
