using System.Globalization;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

internal enum OperandRole
{
    Destination,
    Source,
    Memory,
    Predicate,
    PredicateOut,

    /// <summary>A register, with a predicate after a bar where the instruction is asked for one.</summary>
    DestinationPair,

    /// <summary>What a thread brings to a collective.</summary>
    Exchanged,
    Lane,
    Clamp,

    /// <summary>A lane's part of a matrix, in one register or several in braces.</summary>
    Fragment,
    FragmentResult,

    /// <summary>Which lanes take part in a collective.</summary>
    Mask,
    Barrier,
    ThreadCount,
    Target,
    TargetList,
    Number,

    /// <summary>What a cache is to do with a line, given where the instruction says so.</summary>
    Policy,
    Arguments,
    Callee,
}

/// <summary>Is what a form accepts in one place, and with which type.</summary>
/// <param name="Wider">Whether a register may be wider than the type, as in loads and conversions (PTX ISA 9.4.1).</param>
/// <param name="Elements">Whether a vector may stand here: its elements have the type, or share its bits.</param>
/// <param name="Count">How many registers a lane's part of a matrix has.</param>
internal sealed record OperandShape(OperandRole Role, string TypeRule, bool Optional, bool Wider, VectorRule Elements, int Count)
{
    /// <summary>Is the modifier of an instruction that has a policy for the cache.</summary>
    public const string CacheHint = "L2::cache_hint";

    public bool Writes => Role is OperandRole.Destination or OperandRole.PredicateOut or OperandRole.DestinationPair or OperandRole.FragmentResult;

    /// <summary>Reads shapes such as <c>d s s:u32 p? f:b32*4</c>: a role, a type rule after the colon, and marks.</summary>
    /// <remarks>The rule of a place in memory is its space, that of a number what it may be: <c>m:shared number:4|8</c>.</remarks>
    public static OperandShape[] Parse(string shapes) =>
        [.. shapes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ParseOne)];

    /// <summary>Gets the state space of a place in memory whose instruction names two of them.</summary>
    public StateSpace? Space => Role != OperandRole.Memory || TypeRule.Length == 0 ? null : TypeRule == "shared" ? StateSpace.Shared : StateSpace.Global;

    /// <summary>Says whether a number may stand here.</summary>
    public bool Allows(ulong number) =>
        TypeRule.Length == 0 || TypeRule.Split('|').Contains(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Gives the type of this operand in an instruction: one of its modifiers, twice as wide as one, or fixed.</summary>
    public ScalarType TypeIn(Instruction instruction) => Role is OperandRole.Memory or OperandRole.Number ? default : TypeRule switch
    {
        "" => default,
        "2x" => instruction.Type.Doubled,
        _ when char.IsAsciiDigit(TypeRule[0]) => instruction.TypeAt(int.Parse(TypeRule, CultureInfo.InvariantCulture)),
        _ => ScalarType.Find(TypeRule)!.Value,
    };

    private static OperandShape ParseOne(string shape)
    {
        var (counted, count) = shape.Split('*') is [var before, var number] ? (before, int.Parse(number, CultureInfo.InvariantCulture)) : (shape, 1);
        var marks = counted.TrimStart("abcdefghijklmnopqrstuvwxyz0123456789:|".ToCharArray());
        var parts = counted[..^marks.Length].Split(':');
        var role = parts[0] switch
        {
            "d" => OperandRole.Destination,
            "s" => OperandRole.Source,
            "m" => OperandRole.Memory,
            "p" => OperandRole.Predicate,
            "po" => OperandRole.PredicateOut,
            "dq" => OperandRole.DestinationPair,
            "x" => OperandRole.Exchanged,
            "lane" => OperandRole.Lane,
            "clamp" => OperandRole.Clamp,
            "f" => OperandRole.Fragment,
            "df" => OperandRole.FragmentResult,
            "mask" => OperandRole.Mask,
            "barrier" => OperandRole.Barrier,
            "threads" => OperandRole.ThreadCount,
            "target" => OperandRole.Target,
            "targets" => OperandRole.TargetList,
            "number" => OperandRole.Number,
            "policy" => OperandRole.Policy,
            "args" => OperandRole.Arguments,
            "callee" => OperandRole.Callee,
            _ => throw new System.Diagnostics.UnreachableException(shape),
        };
        var rule = parts.Length > 1 ? parts[1] : role switch
        {
            OperandRole.Destination or OperandRole.DestinationPair or OperandRole.Source or OperandRole.Exchanged => "0",
            OperandRole.Lane or OperandRole.Clamp or OperandRole.Mask or OperandRole.Barrier or OperandRole.ThreadCount => "u32",
            OperandRole.Policy => "b64",
            _ => "",
        };
        var elements = marks.Contains('V') ? VectorRule.Each : marks.Contains('P') ? VectorRule.Packed : VectorRule.None;
        return new OperandShape(role, rule, marks.Contains('?'), marks.Contains('+'), elements, count);
    }
}

internal enum VectorRule { None, Each, Packed }
