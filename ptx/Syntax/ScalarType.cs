namespace Broker.Ptx.Syntax;

internal enum TypeClass { Bits, Unsigned, Signed, Float, Brain, Predicate }

/// <summary>Names how a value of one PTX type is held by the engine.</summary>
internal enum Slot { I32, I64, F32, F64 }

/// <summary>Is a fundamental type of PTX (PTX ISA 5.2).</summary>
internal readonly record struct ScalarType(TypeClass Class, int Bits)
{
    public static readonly ScalarType Predicate = new(TypeClass.Predicate, 1);
    public static readonly ScalarType B16 = new(TypeClass.Bits, 16);
    public static readonly ScalarType B32 = new(TypeClass.Bits, 32);
    public static readonly ScalarType B64 = new(TypeClass.Bits, 64);
    public static readonly ScalarType U32 = new(TypeClass.Unsigned, 32);
    public static readonly ScalarType U64 = new(TypeClass.Unsigned, 64);
    public static readonly ScalarType S32 = new(TypeClass.Signed, 32);
    public static readonly ScalarType S64 = new(TypeClass.Signed, 64);
    public static readonly ScalarType F32 = new(TypeClass.Float, 32);
    public static readonly ScalarType F64 = new(TypeClass.Float, 64);

    public int Bytes => (Bits + 7) / 8;

    public bool IsSigned => Class == TypeClass.Signed;

    /// <summary>Gets whether values are held as .NET floating-point numbers; half precision is held as its bits.</summary>
    public bool IsReal => Class == TypeClass.Float && Bits >= 32;

    public Slot Slot => (Class, Bits) switch
    {
        (TypeClass.Float, 32) => Slot.F32,
        (TypeClass.Float, 64) => Slot.F64,
        (_, > 32) => Slot.I64,
        _ => Slot.I32,
    };

    public ScalarType Doubled => new(Class, Bits * 2);

    public override string ToString() => Class switch
    {
        TypeClass.Bits => $"b{Bits}",
        TypeClass.Unsigned => $"u{Bits}",
        TypeClass.Signed => $"s{Bits}",
        TypeClass.Float => $"f{Bits}",
        TypeClass.Brain => $"bf{Bits}",
        _ => "pred",
    };

    public static ScalarType? Find(ReadOnlySpan<char> name) => name switch
    {
        "pred" => Predicate,
        "b8" => new(TypeClass.Bits, 8),
        "b16" => B16,
        "b32" => B32,
        "b64" => B64,
        "u8" => new(TypeClass.Unsigned, 8),
        "u16" => new(TypeClass.Unsigned, 16),
        "u32" => U32,
        "u64" => U64,
        "s8" => new(TypeClass.Signed, 8),
        "s16" => new(TypeClass.Signed, 16),
        "s32" => S32,
        "s64" => new(TypeClass.Signed, 64),
        "f16" => new(TypeClass.Float, 16),
        "f32" => F32,
        "f64" => F64,
        "bf16" => new(TypeClass.Brain, 16),
        "b128" => new(TypeClass.Bits, 128),
        _ => null,
    };

    /// <summary>Finds the type of an operand by the modifier that gives it; several numbers in one register are the bits that they are.</summary>
    public static ScalarType? FindOperand(ReadOnlySpan<char> modifier) => modifier switch
    {
        "u16x2" or "s16x2" or "tf32" => B32,
        "e4m3x2" or "e5m2x2" => B16,
        _ => FindDeclared(modifier),
    };

    /// <summary>Finds the type of a declaration; packed types are held as the bits that they are.</summary>
    public static ScalarType? FindDeclared(ReadOnlySpan<char> name) => name switch
    {
        "f16x2" or "bf16x2" => B32,
        _ => Find(name),
    };
}
