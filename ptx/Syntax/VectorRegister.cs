namespace Broker.Ptx.Syntax;

/// <summary>Is the name of two or four registers, <c>.reg .v4 .f32 a</c>, which are <c>a.x</c> to <c>a.w</c> (PTX ISA 5.4.2).</summary>
internal sealed class VectorRegister
{
    private const string Positions = "xyzw";
    private const string Colours = "rgba";

    private readonly Register[] _parts;

    private VectorRegister(string name, ScalarType type, int width)
    {
        Name = name;
        _parts = [.. Positions[..width].Select(suffix => new Register($"{name}.{suffix}", type))];
    }

    public string Name { get; }

    public VectorOperand Whole => new([.. _parts.Select(part => new RegisterOperand(part))]);

    /// <summary>Gives what a declaration names: a register, or a vector of them.</summary>
    public static object Of(string name, ScalarType type, int width) => width == 1 ? new Register(name, type) : new VectorRegister(name, type, width);

    public Register? Find(string suffix)
    {
        if (suffix.Length != 2) return null;
        var index = Math.Max(Positions.IndexOf(suffix[1], StringComparison.Ordinal), Colours.IndexOf(suffix[1], StringComparison.Ordinal));
        return index >= 0 && index < _parts.Length ? _parts[index] : null;
    }
}
