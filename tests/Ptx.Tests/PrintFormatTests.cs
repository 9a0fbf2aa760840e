using System.Text;
using Broker.Ptx.Running;

namespace Broker.Ptx.Tests;

/// <summary>Holds the engine's printf against what a C library's printf prints for the same arguments.</summary>
public class PrintFormatTests
{
    public static TheoryData<string, object[], string> Cases => new()
    {
        { "%d|%5d|%-5d|%05d|%+d|% d", [-42, 42, 42, -42, 7, 7], "-42|   42|42   |-0042|+7| 7" },
        { "%.3d|%5.3d|%.0d|%i", [7, -7, 0, int.MinValue], "007| -007||-2147483648" },
        { "%u|%o|%x|%X|%#x|%#o|%#X|%#x|%#.0o", [-1, 8, 48879, 48879, 48879, 8, 255, 0, 0], "4294967295|10|beef|BEEF|0xbeef|010|0XFF|0|0" },
        { "%08x|%-8x|%#08x|%.5x", [48879, 48879, 48879, 48879], "0000beef|beef    |0x00beef|0beef" },
        { "%hhd|%hd|%hhu|%hu", [300, 70000, 300, 70000], "44|4464|44|4464" },
        { "%ld|%lld|%zu|%lx|%llo", [-5000000000L, long.MinValue, -1L, 81985529216486895L, 8L], "-5000000000|-9223372036854775808|18446744073709551615|123456789abcdef|10" },
        { "%c%c|%3c|%-3c|", [72, 105, 120, 121], "Hi|  x|y  |" },
        { "%s|%5s|%-5s|%.2s|%.0s|", ["abc", "abc", "abc", "abc", "abc"], "abc|  abc|abc  |ab||" },
        { "100%%|%p", [68719484928L], "100%|0x1000002000" },
        { "%*d|%-*d|%*d|%.*d|%.*f", [6, 1, 6, 2, -6, 3, 3, 4, 2, 2.345], "     1|2     |3     |004|2.35" },
        { "%f|%.0f|%.2f|%10.3f|%-10.1f|%+f|%#.0f|%010.2f", [3.14159, 2.5, 0.125, -1.0005, 99.95, 1.0, 3.0, -3.14159], "3.141590|2|0.12|    -1.000|100.0     |+1.000000|3.|-000003.14" },
        { "%.20f|%f|%.1f|%.0f", [0.1, 1e+22, 0.25, 0.5], "0.10000000000000000555|10000000000000000000000.000000|0.2|0" },
        { "%e|%.0e|%.3e|%E|%#.0e|%.17e", [12345.678, 9.5, 9.9996, 1e-300, 1.0, 0.1], "1.234568e+04|1e+01|1.000e+01|1.000000E-300|1.e+00|1.00000000000000006e-01" },
        { "%e|%e|%g|%f", [0.0, 5e-324, -0.0, 1.7976931348623157e+308], "0.000000e+00|4.940656e-324|-0|179769313486231570814527423731704356798070567525844996598917476803157260780028538760589558632766878171540458953514382464234321326889464182768467546703537516986049910576551282076245490090389328944075868508455133942304583236903222948165808559332123348274797826204144723168738177180919299881250404026184124858368.000000" },
        { "%g|%g|%g|%g|%G|%#g|%.3g|%.10g|%g", [100000.0, 1000000.0, 0.0001, 1e-05, 1e-10, 1.5, 1234.5, 0.3333333333333333, 0.0], "100000|1e+06|0.0001|1e-05|1E-10|1.50000|1.23e+03|0.3333333333|0" },
        { "%.0g|%#.3g|%12g|%-12g|", [0.6, 2.0, 1.5, 2.5], "0.6|2.00|         1.5|2.5         |" },
        { "%a|%A|%.2a|%a|%a|%.0a|%20a|%020a|%.15a|%#.0a", [1.5, -255.75, 1.999, 0.0, 5e-324, 1.5, 1.0, 1.0, 1.5, 2.0], "0x1.8p+0|-0X1.FF8P+7|0x2.00p+0|0x0p+0|0x0.0000000000001p-1022|0x2p+0|              0x1p+0|0x000000000000001p+0|0x1.800000000000000p+0|0x1.p+1" },
        { "%f|%5.1f|%05f|%F|%e|%G|%a", [double.PositiveInfinity, double.NegativeInfinity, double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity, double.PositiveInfinity, double.PositiveInfinity], "inf| -inf|  inf|INF|-inf|INF|inf" },
        { "%f|%E|%05g", [BitConverter.UInt64BitsToDouble(0x7FF8000000000000), double.NaN, double.NaN], "nan|-NAN| -nan" },
        { "%d %f %d %s %ld", [1, 2.5, 3, "four", 5L], "1 2.500000 3 four 5" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Text_is_that_of_printf(string format, object[] arguments, string expected) => Assert.Equal(expected, Print(format, arguments).Text);

    [Theory]
    [InlineData("%", "%")]
    [InlineData("50%! %q", "50%! %q")]
    [InlineData("%5", "%5")]
    [InlineData("%n|%p", "%n|(nil)")]
    [InlineData("%.0s|%s", "|(null)")]
    public void What_printf_leaves_open_does_no_harm(string format, string expected) => Assert.Equal(expected, Print(format, [0L, 0L]).Text);

    [Fact]
    public void Width_and_precision_are_bounded() => Assert.Equal(1024 + 1026 + 1024, Print("%999999999d%.999999999f%*d", [1, 2.0, int.MinValue, 5]).Text.Length);

    [Theory]
    [InlineData("%d", "%d")]
    [InlineData("%5.3s|", "%5.3s|")]
    [InlineData("%*d", "%*d")]
    [InlineData("%.*d|%%", "%.*d|%")]
    public void No_more_than_32_arguments_are_taken(string beyond, string expected)
    {
        var format = string.Concat(Enumerable.Repeat("%d", 32));
        Assert.Equal((new string('7', 32) + expected, 32), Print(format + beyond, [.. Enumerable.Repeat<object>(7, 40)]));
    }

    [Fact]
    public void Arguments_taken_are_counted() => Assert.Equal(4, Print("%d %% %*d %s", [1, 2, 3, "x"]).Taken);

    private static (string Text, int Taken) Print(string format, object[] arguments)
    {
        var print = new PrintFormat(Encoding.UTF8.GetBytes(format), new Arguments(arguments));
        return (Encoding.UTF8.GetString(print.Write()), print.Taken);
    }

    /// <summary>Gives arguments one after the other, and strings at addresses that are their numbers, from one.</summary>
    private sealed class Arguments(object[] values) : IPrintArguments
    {
        private int _next;

        public ulong Next(int bytes)
        {
            var value = values[_next++];
            Assert.Equal(value is int ? 4 : 8, bytes);
            return value switch
            {
                int number => (uint)number,
                long number => (ulong)number,
                double number => BitConverter.DoubleToUInt64Bits(number),
                _ => (ulong)_next,
            };
        }

        public byte[] ReadString(ulong address, int limit) => Encoding.UTF8.GetBytes((string)values[(int)address - 1]);
    }
}
