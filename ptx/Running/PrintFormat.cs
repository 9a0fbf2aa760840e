using System.Globalization;
using System.Text;

namespace Broker.Ptx.Running;

/// <summary>Is where a print takes its arguments from: each lies at a multiple of its size.</summary>
internal interface IPrintArguments
{
    ulong Next(int bytes);

    byte[] ReadString(ulong address, int limit);
}

/// <summary>Prints as the printf of CUDA does (CUDA C++ Programming Guide, Formatted Output), whose arguments are those of C.</summary>
internal sealed class PrintFormat(byte[] format, IPrintArguments arguments)
{
    // Wider fields would let a few bytes of a kernel make many of text.
    private const int MaxWidth = 1024;

    private const int MaxStringBytes = 64 << 10;

    // CUDA takes no more; conversions beyond stand in the text as they are (CUDA C++ Programming Guide, Formatted Output, Limitations).
    private const int MaxArguments = 32;

    private readonly List<byte> _text = [];
    private int _position;
    private bool _left;
    private bool _plus;
    private bool _blank;
    private bool _alternate;
    private bool _zeros;
    private int _width;
    private int? _precision;

    /// <summary>Gets how many arguments were taken.</summary>
    public int Taken { get; private set; }

    public byte[] Write()
    {
        while (_position < format.Length)
        {
            var start = _position;
            if (format[_position++] != '%') _text.Add(format[start]);
            else if (!TryWriteConversion()) _text.AddRange(format[start.._position]);
        }

        return [.. _text];
    }

    /// <summary>Writes one argument; false, with the position behind what was read, where there is no such conversion.</summary>
    private bool TryWriteConversion()
    {
        ReadFlags();
        _width = Math.Min(ReadNumber() ?? 0, MaxWidth);
        _precision = null;
        if (Peek() == '.')
        {
            _position++;
            _precision = ReadPrecision();
        }

        var size = ReadSize();
        if (_position == format.Length) return false;
        var conversion = (char)format[_position++];
        switch (conversion)
        {
            case not '%' when IsFull: return false;
            case '%': _text.Add((byte)'%'); break;
            case 'd' or 'i': WriteSigned(Signed(size)); break;
            case 'u' or 'o' or 'x' or 'X': WriteUnsigned(Unsigned(size), conversion); break;
            case 'c': Pad([(byte)Take(4)]); break;
            case 's': WriteString(); break;
            case 'p': WritePointer(); break;
            case 'f' or 'F' or 'e' or 'E' or 'g' or 'G' or 'a' or 'A': WriteReal(conversion); break;
            default: return false;
        }

        return true;
    }

    private void ReadFlags()
    {
        (_left, _plus, _blank, _alternate, _zeros) = (false, false, false, false, false);
        for (; ; _position++)
        {
            switch (Peek())
            {
                case '-': _left = true; continue;
                case '+': _plus = true; continue;
                case ' ': _blank = true; continue;
                case '#': _alternate = true; continue;
                case '0': _zeros = true; continue;
            }

            return;
        }
    }

    /// <summary>Reads a width: digits, or a star for an argument, whose minus is a flag.</summary>
    private int? ReadNumber()
    {
        if (Peek() == '*' && !IsFull)
        {
            _position++;
            var value = (int)Take(4);
            _left |= value < 0;
            return (int)Math.Min(Math.Abs((long)value), MaxWidth);
        }

        if (!char.IsAsciiDigit(Peek())) return null;
        var number = 0;
        for (; char.IsAsciiDigit(Peek()); _position++) number = Math.Min(number * 10 + Peek() - '0', MaxWidth);
        return number;
    }

    private int? ReadPrecision()
    {
        if (Peek() != '*' || IsFull) return ReadNumber() ?? 0;
        _position++;
        var value = (int)Take(4);
        return value < 0 ? null : Math.Min(value, MaxWidth);
    }

    /// <summary>Gives the bytes of an integer argument, negative for those that are cut down after they were widened to four.</summary>
    private int ReadSize()
    {
        var start = _position;
        while (Peek() is 'h' or 'l' or 'z' or 'j' or 't') _position++;
        return Encoding.ASCII.GetString(format.AsSpan(start, _position - start)) switch
        {
            "" => 4,
            "h" => -2,
            "hh" => -1,
            _ => 8,
        };
    }

    private char Peek() => _position < format.Length ? (char)format[_position] : '\0';

    private bool IsFull => Taken >= MaxArguments;

    private ulong Take(int bytes)
    {
        Taken++;
        return arguments.Next(bytes);
    }

    private long Signed(int size) => size switch
    {
        8 => (long)Take(8),
        4 => (int)Take(4),
        -2 => (short)Take(4),
        _ => (sbyte)Take(4),
    };

    private ulong Unsigned(int size) => size switch
    {
        8 => Take(8),
        4 => (uint)Take(4),
        -2 => (ushort)Take(4),
        _ => (byte)Take(4),
    };

    private void WriteSigned(long value)
    {
        var magnitude = value < 0 ? 0 - (ulong)value : (ulong)value;
        WriteDigits(Sign(value < 0), magnitude.ToString(CultureInfo.InvariantCulture), magnitude == 0);
    }

    private void WriteUnsigned(ulong value, char conversion)
    {
        var digits = conversion switch
        {
            'u' => value.ToString(CultureInfo.InvariantCulture),
            'o' => Octal(value),
            'x' => value.ToString("x", CultureInfo.InvariantCulture),
            _ => value.ToString("X", CultureInfo.InvariantCulture),
        };
        var prefix = _alternate && value != 0 && conversion is 'x' or 'X' ? $"0{conversion}" : "";
        if (!_alternate || value == 0) prefix = "";
        if (_alternate && conversion == 'o' && (value != 0 || _precision == 0)) _precision = Math.Max(_precision ?? 0, value == 0 ? 1 : digits.Length + 1);
        WriteDigits(prefix, digits, value == 0);
    }

    private static string Octal(ulong value)
    {
        var digits = "";
        do
        {
            digits = (char)('0' + (int)(value & 7)) + digits;
            value >>= 3;
        }
        while (value != 0);
        return digits;
    }

    private void WriteDigits(string prefix, string digits, bool isZero)
    {
        if (_precision is { } least)
        {
            _zeros = false;
            digits = least == 0 && isZero ? "" : digits.PadLeft(least, '0');
        }

        WriteNumber(prefix, digits);
    }

    private string Sign(bool negative) => negative ? "-" : _plus ? "+" : _blank ? " " : "";

    private void WriteReal(char conversion)
    {
        var value = BitConverter.UInt64BitsToDouble(Take(8));
        var text = RealText.Write(value, char.ToLowerInvariant(conversion), _precision, _alternate);
        var prefix = Sign(double.IsNegative(value));
        if (text.StartsWith("0x", StringComparison.Ordinal)) (prefix, text) = (prefix + "0x", text[2..]);
        if (!double.IsFinite(value)) _zeros = false;
        if (char.IsAsciiLetterUpper(conversion)) (prefix, text) = (prefix.ToUpperInvariant(), text.ToUpperInvariant());
        WriteNumber(prefix, text);
    }

    private void WriteNumber(string prefix, string digits)
    {
        if (_zeros && !_left) digits = digits.PadLeft(Math.Max(_width - prefix.Length, 0), '0');
        Pad(Encoding.ASCII.GetBytes(prefix + digits));
    }

    private void WriteString()
    {
        var address = Take(8);
        var limit = _precision ?? MaxStringBytes;
        var bytes = address == 0 ? "(null)"u8.ToArray() : arguments.ReadString(address, limit);
        Pad(bytes[..Math.Min(bytes.Length, limit)]);
    }

    private void WritePointer()
    {
        var address = Take(8);
        Pad(address == 0 ? "(nil)"u8.ToArray() : Encoding.ASCII.GetBytes($"0x{address:x}"));
    }

    private void Pad(byte[] bytes)
    {
        var blanks = Enumerable.Repeat((byte)' ', Math.Max(_width - bytes.Length, 0));
        if (!_left) _text.AddRange(blanks);
        _text.AddRange(bytes);
        if (_left) _text.AddRange(blanks);
    }
}
