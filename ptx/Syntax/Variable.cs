namespace Broker.Ptx.Syntax;

internal enum StateSpace { Generic, Global, Constant, Shared, Local, Parameter, Register }

/// <summary>Is a named piece of memory: a module variable, a parameter, or a shared or local array.</summary>
internal sealed record Variable(string Name, StateSpace Space, ScalarType Type, int Line, int Column)
{
    public string Linkage { get; init; } = "";

    public string DeclaredType { get; init; } = "";

    public int DeclaredAlignment { get; init; }

    public int VectorWidth { get; init; } = 1;

    public string PointerAttributes { get; init; } = "";

    /// <summary>Gets whether a GPU's host may use the variable too; to the kernel it is like any other.</summary>
    public bool IsManaged { get; init; }

    /// <summary>Gets the lengths of an array; 0 stands for one that is left open.</summary>
    public IReadOnlyList<long> Dimensions { get; init; } = [];

    public Initialiser? Initialiser { get; init; }

    /// <summary>Gets the register that a parameter of a function is where it does not lie in memory.</summary>
    public Register? Register { get; init; }

    public int Alignment => Math.Max(DeclaredAlignment, Type.Bytes * VectorWidth);

    public long Bytes => Dimensions.Aggregate((long)Type.Bytes * VectorWidth, (product, length) => product * length);

    public bool IsExtern => Linkage.Contains(".extern", StringComparison.Ordinal);

    // Two variables are the same only if they are the same declaration.
    public bool Equals(Variable? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>Is what a module variable holds at the start.</summary>
internal abstract record Initialiser;

internal sealed record InitialiserValue(Literal Value) : Initialiser;

/// <summary>Is the address of a function.</summary>
internal sealed record InitialiserFunction(string Name, bool Generic) : Initialiser;

internal sealed record InitialiserList(IReadOnlyList<Initialiser> Items) : Initialiser;

/// <summary>Is the address of another variable, in its own space or generic.</summary>
internal sealed record InitialiserSymbol(Variable Variable, long Offset, bool Generic) : Initialiser;
