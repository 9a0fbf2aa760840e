using static Broker.Ptx.Tests.Exactness.ReferenceFormat;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Lists conversions from and to every integer type, and from and to f32.</summary>
internal static class ConversionWordCases
{
    private static readonly string[] Types = ["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"];
    private static readonly char[] Modes = ['n', 'z', 'm', 'p'];

    public static IEnumerable<WordCase> All => [.. BetweenIntegers, .. ToIntegers, .. FromIntegers, .. BetweenReals];

    private static IEnumerable<WordCase> BetweenIntegers =>
        from to in Types
        from @from in Types
        from sat in (bool[])[false, true]
        select Make($"cvt{(sat ? ".sat" : "")}.{to}.{@from}", null, WidthOf(@from), WidthOf(to), (a, _, _) =>
        {
            var (signed, bits) = Shape(to);
            var value = Read(a, @from);
            if (sat) value = Int128.Clamp(value, signed ? -(Int128.One << (bits - 1)) : 0, (Int128.One << (signed ? bits - 1 : bits)) - 1);
            return Held((ulong)(UInt128)value, to);
        });

    private static IEnumerable<WordCase> ToIntegers =>
        from to in Types
        from mode in Modes
        from ftz in (bool[])[false, true]
        from sat in (bool[])[false, true]
        select Make($"cvt.r{mode}i{(ftz ? ".ftz" : "")}{(sat ? ".sat" : "")}.{to}.f32", F32, 32, WidthOf(to), (a, _, _) => Held(ToInteger(ftz ? WordFloat.Flush(a) : a, to, mode), to));

    private static IEnumerable<WordCase> FromIntegers =>
        from @from in Types
        from mode in Modes
        from sat in (bool[])[false, true]
        select Make($"cvt.r{mode}{(sat ? ".sat" : "")}.f32.{@from}", null, WidthOf(@from), 32, (a, _, _) =>
        {
            var value = Read(a, @from);
            var rounded = value == 0 ? 0 : WordFloat.Round(value < 0, (UInt128)Int128.Abs(value), 0, F32, mode);
            return sat ? WordFloat.Saturate(rounded) : rounded;
        });

    private static IEnumerable<WordCase> BetweenReals =>
    [
        .. from mode in (char[])[' ', .. Modes]
           from ftz in (bool[])[false, true]
           from sat in (bool[])[false, true]
           select Make($"cvt{(mode == ' ' ? "" : $".r{mode}i")}{(ftz ? ".ftz" : "")}{(sat ? ".sat" : "")}.f32.f32", F32, 32, 32, (a, _, _) =>
           {
               var result = Integral(ftz ? WordFloat.Flush(a) : a, mode);
               return sat ? WordFloat.Saturate(result) : result;
           }),
        .. from mode in Modes
           from ftz in (bool[])[false, true]
           from sat in (bool[])[false, true]
           select Make($"cvt.r{mode}{(ftz ? ".ftz" : "")}{(sat ? ".sat" : "")}.f32.f64", F64, 64, 32, (a, _, _) =>
           {
               var result = FromF64(a, mode);
               if (ftz) result = WordFloat.Flush(result);
               return sat ? WordFloat.Saturate(result) : result;
           }),
        .. from mode in Modes
           from ftz in (bool[])[false, true]
           from test in (WordCase[])
           [
               Make($"cvt.r{mode}{(ftz ? ".ftz" : "")}.f16.f32", F32, 32, 16, (a, _, _) => Narrow(ftz ? WordFloat.Flush(a) : a, F16, mode)),
               Make($"cvt.r{mode}{(ftz ? ".ftz" : "")}.sat.f16.f32", F32, 32, 16, (a, _, _) => Saturated(F16, Narrow(ftz ? WordFloat.Flush(a) : a, F16, mode))),
               Make($"cvt.r{mode}{(ftz ? ".ftz" : "")}.bf16.f32", F32, 32, 16, (a, _, _) => Narrow(ftz ? WordFloat.Flush(a) : a, BF16, mode)),
           ]
           select test,
        .. from mode in (char[])['n', 'z']
           from format in (ReferenceFormat[])[F16, BF16]
           from relu in (bool[])[false, true]
           from finite in (bool[])[false, true]
           let suffix = $".r{mode}{(relu ? ".relu" : "")}{(finite ? ".satfinite" : "")}.{(format == F16 ? "f16" : "bf16")}"
           from test in (WordCase[])
           [
               Make(suffix.StartsWith($".r{mode}.f", StringComparison.Ordinal) ? "" : $"cvt{suffix}.f32", F32, 32, 16, (a, _, _) => Limited(a, format, mode, relu, finite)),
               Make($"cvt{suffix}x2.f32", F32, 32, 32, (a, b, _) => Limited(a, format, mode, relu, finite) << 16 | Limited(b, format, mode, relu, finite)) with
               {
                   Body = $"cvt{suffix}x2.f32 %v2, %v0, %v1;", Widths = [32, 32], Reals = [F32, F32],
               },
           ]
           where test.Name.Length > 0 && (relu || finite || test.Widths.Length == 2)
           select test,
        .. from mode in (char[])['n', 'z', 'a']
           from finite in (bool[])[false, true]
           from relu in (bool[])[false, true]
           where mode != 'a' || !relu
           select Make($"cvt.r{(mode == 'a' ? "na" : mode)}{(finite ? ".satfinite" : "")}{(relu ? ".relu" : "")}.tf32.f32", F32, 32, 32, (a, _, _) =>
               WordFloat.IsNaN(a) ? WordFloat.NaN : Limited(a, TF32, mode, relu, finite) << 13),
    ];

    private static WordCase Make(string instruction, ReferenceFormat? format, int width, int resultWidth, WordReference expected) =>
        new(instruction, $"{instruction} %v1, %v0;", [width], resultWidth, expected, [format]);

    private static (bool Signed, int Bits) Shape(string type) => (type[0] == 's', int.Parse(type[1..], System.Globalization.CultureInfo.InvariantCulture));

    private static int WidthOf(string type) => Shape(type).Bits == 64 ? 64 : 32;

    private static Int128 Read(ulong a, string type)
    {
        var (signed, bits) = Shape(type);
        var low = bits == 64 ? a : a & ((1ul << bits) - 1);
        return signed && low >> (bits - 1) != 0 ? low - (Int128.One << bits) : low;
    }

    /// <summary>Gives what a register of at least 32 bits holds of a number.</summary>
    private static ulong Held(ulong value, string type)
    {
        var extended = (ulong)(UInt128)Read(value, type);
        return WidthOf(type) == 64 ? extended : extended & uint.MaxValue;
    }

    private static ulong ToInteger(ulong a, string type, char mode)
    {
        var (signed, bits) = Shape(type);
        if (WordFloat.IsNaN(a)) return bits == 64 ? 1ul << 63 : 0;
        var (least, most) = signed ? (-(Int128.One << (bits - 1)), (Int128.One << (bits - 1)) - 1) : (0, (Int128.One << bits) - 1);
        var (number, exponent) = WordFloat.Parts(a);
        // Beyond 2^64 all types saturate.
        if (exponent > 41) return (ulong)(UInt128)(WordFloat.IsNegative(a) ? least : most);
        var whole = exponent >= 0 ? (Int128)number << exponent : Whole(number, -exponent, WordFloat.IsNegative(a), mode);
        return (ulong)(UInt128)Int128.Clamp(WordFloat.IsNegative(a) ? -whole : whole, least, most);
    }

    /// <summary>Rounds a fraction to a whole number; both are magnitudes.</summary>
    private static ulong Whole(ulong number, int drop, bool negative, char mode)
    {
        var (kept, rest, half) = drop > 63 ? (0, number, ulong.MaxValue) : (number >> drop, number & ((1ul << drop) - 1), 1ul << (drop - 1));
        var up = mode switch { 'z' => false, 'm' => negative && rest != 0, 'p' => !negative && rest != 0, _ => rest > half || rest == half && (kept & 1) != 0 };
        return up ? kept + 1 : kept;
    }

    private static ulong Integral(ulong a, char mode)
    {
        if (WordFloat.IsNaN(a)) return WordFloat.NaN;
        var (number, exponent) = WordFloat.Parts(a);
        if (mode == ' ' || exponent >= 0) return a;
        var whole = Whole(number, -exponent, WordFloat.IsNegative(a), mode);
        return whole == 0 ? a & WordFloat.Sign : WordFloat.Round(WordFloat.IsNegative(a), whole, 0, F32, mode);
    }

    private static ulong FromF64(ulong a, char mode)
    {
        var (negative, field, fraction) = (a >> 63 != 0, (int)(a >> 52 & 0x7ff), a & ((1ul << 52) - 1));
        var sign = negative ? WordFloat.Sign : 0;
        if (field == 0x7ff) return fraction != 0 ? WordFloat.NaN : sign | WordFloat.Infinity;
        if (field == 0 && fraction == 0) return sign;
        return WordFloat.Round(negative, field == 0 ? fraction : fraction | 1ul << 52, Math.Max(field, 1) - 1075, F32, mode);
    }

    private static ulong Narrow(ulong a, ReferenceFormat format, char mode)
    {
        if (WordFloat.IsNaN(a)) return format.NaN;
        var sign = WordFloat.IsNegative(a) ? format.Sign : 0;
        if (WordFloat.Magnitude(a) == WordFloat.Infinity) return sign | format.Infinity;
        var (number, exponent) = WordFloat.Parts(a);
        return number == 0 ? sign : WordFloat.Round(WordFloat.IsNegative(a), number, exponent, format, mode);
    }

    private static ulong Limited(ulong a, ReferenceFormat format, char mode, bool relu, bool finite)
    {
        var result = Narrow(a, format, mode);
        if (finite && format.IsInfinite(result)) result--;
        return relu && !format.IsNaN(result) && format.IsNegative(result) ? 0 : result;
    }

    private static ulong Saturated(ReferenceFormat format, ulong a) => format.IsNaN(a) || format.IsNegative(a) ? 0 : Math.Min(a, format.One);
}
