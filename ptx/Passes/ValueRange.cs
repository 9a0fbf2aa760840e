namespace Broker.Ptx.Passes;

/// <summary>Is whole numbers at equal distances between two bounds, both included.</summary>
/// <param name="Step">The distance from one to the next; 0 where there is only one.</param>
/// <remarks>
/// It is about numbers, not bits: a register holds one of them, less a multiple of two to the power of its width. So no
/// operation wraps here; whether the bits alone give the number back is asked where it counts.
/// </remarks>
internal readonly record struct ValueRange(long Low, long High, long Step)
{
    // Beyond this nothing is known.
    private const long Limit = 1L << 61;

    public static readonly ValueRange All = new(-Limit, Limit, 1);

    public static readonly ValueRange Unsigned32 = new(0, uint.MaxValue, 1);

    public static readonly ValueRange Signed32 = new(int.MinValue, int.MaxValue, 1);

    public static ValueRange Of(long number) => new(number, number, 0);

    public static ValueRange Between(long low, long high) => new(low, high, low == high ? 0 : 1);

    public bool IsWithin(ValueRange other) => Low >= other.Low && High <= other.High;

    public ValueRange Join(ValueRange other) =>
        new(Math.Min(Low, other.Low), Math.Max(High, other.High), Gcd(Gcd(Step, other.Step), Math.Abs(Low - other.Low)));

    /// <summary>Leaves what is not above a bound, but at least the lowest.</summary>
    public ValueRange Below(long most) => most >= High ? this : To(most);

    /// <summary>Leaves what is not below a bound, but at least the highest.</summary>
    public ValueRange Above(long least) => least <= Low ? this : From(least);

    /// <summary>Goes on upwards as far as a bound.</summary>
    public ValueRange To(long most) => Step == 0 || most <= Low ? Of(Low) : Stepping(Low, most - (most - Low) % Step, Step);

    /// <summary>Goes on downwards as far as a bound.</summary>
    public ValueRange From(long least) => Step == 0 || least >= High ? Of(High) : Stepping(least + (High - least) % Step, High, Step);

    public static ValueRange operator +(ValueRange a, ValueRange b) => Bounded(a.Low + b.Low, a.High + b.High, Gcd(a.Step, b.Step));

    public static ValueRange operator -(ValueRange a, ValueRange b) => Bounded(a.Low - b.High, a.High - b.Low, Gcd(a.Step, b.Step));

    public static ValueRange operator *(ValueRange a, ValueRange b)
    {
        Int128[] corners = [(Int128)a.Low * b.Low, (Int128)a.Low * b.High, (Int128)a.High * b.Low, (Int128)a.High * b.High];
        var step = a.Step == 0 ? Int128.Abs(a.Low) * b.Step : b.Step == 0 ? Int128.Abs(b.Low) * a.Step : 1;
        return Bounded(corners.Min(), corners.Max(), step);
    }

    private static ValueRange Bounded(Int128 low, Int128 high, Int128 step) =>
        low < -Limit || high > Limit ? All : Stepping((long)low, (long)high, (long)step);

    private static ValueRange Stepping(long low, long high, long step) => new(low, high, low == high ? 0 : step);

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
