namespace Broker.Ptx.Syntax;

/// <summary>Holds the names of one pair of braces, and asks the braces around it for the rest.</summary>
internal sealed class NameScope(NameScope? parent)
{
    private readonly Dictionary<string, object> _names = [];
    private readonly Dictionary<string, (long Count, ScalarType Type, int Width)> _ranges = [];
    private readonly Dictionary<string, LabelUse> _labels = [];

    public NameScope? Parent => parent;

    public bool TryDeclare(string name, object value) => _names.TryAdd(name, value);

    /// <summary>Declares <c>prefix0</c> to <c>prefix(count-1)</c>; the registers come into being when they are named.</summary>
    public bool TryDeclareRange(string prefix, long count, ScalarType type, int width) => _ranges.TryAdd(prefix, (count, type, width));

    public object? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._names.TryGetValue(name, out var found)) return found;
            if (scope.FindInRange(name) is { } register) return register;
        }

        return null;
    }

    public Label ReferToLabel(string name, int line, int column)
    {
        if (!_labels.TryGetValue(name, out var use)) _labels[name] = use = new LabelUse(new Label(name), line, column);
        return use.Label;
    }

    public Label? TryDefineLabel(string name, int line, int column)
    {
        var label = ReferToLabel(name, line, column);
        if (_labels[name].Defined) return null;
        _labels[name] = _labels[name] with { Defined = true };
        return label;
    }

    /// <summary>Finds a name that was taken for a label and is none.</summary>
    public (string Name, int Line, int Column)? FindUndefinedLabel()
    {
        foreach (var (name, use) in _labels)
            if (!use.Defined)
                return (name, use.Line, use.Column);
        return null;
    }

    /// <summary>Hands the labels that are not defined here to the scope around this one.</summary>
    public void HandLabelsTo(NameScope outer)
    {
        foreach (var (name, use) in _labels)
        {
            if (use.Defined) continue;
            outer.ReferToLabel(name, use.Line, use.Column);
            use.Label.JoinTo(outer._labels[name].Label);
        }
    }

    private object? FindInRange(string name)
    {
        var digits = name.Length;
        while (digits > 0 && char.IsAsciiDigit(name[digits - 1])) digits--;
        if (digits == name.Length || name.Length - digits > 10) return null;
        if (name[digits] == '0' && name.Length - digits > 1) return null;
        if (!_ranges.TryGetValue(name[..digits], out var range)) return null;
        if (long.Parse(name.AsSpan(digits), System.Globalization.CultureInfo.InvariantCulture) >= range.Count) return null;
        return _names[name] = VectorRegister.Of(name, range.Type, range.Width);
    }

    private sealed record LabelUse(Label Label, int Line, int Column, bool Defined = false);
}
