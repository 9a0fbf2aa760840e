using System.Globalization;

namespace Broker.Ptx.Syntax;

/// <summary>Cuts a PTX text into words, one at a time.</summary>
internal sealed class Lexer(string text)
{
    private int _position;
    private int _line = 1;
    private int _lineStart;

    public Token Next()
    {
        SkipBlanks();
        var start = _position;
        if (start >= text.Length) return Make(TokenKind.End, start);

        var c = text[start];
        if (IsNameStart(c)) return Name(TokenKind.Identifier, start);
        if (c == '.' && start + 1 < text.Length && IsNamePart(text[start + 1])) return Name(TokenKind.Dotted, start);
        if (char.IsAsciiDigit(c)) return Number(start);
        if (c == '"') return Quoted(start);
        if ("{}[]()<>,;:+-=!|@~*/&?^".Contains(c))
        {
            _position++;
            return Make(TokenKind.Punctuation, start);
        }

        throw Malformed(start, $"unexpected character {Describe(c)}");
    }

    /// <summary>Skips to the end of the line, for debug directives whose syntax does not matter here.</summary>
    public void SkipLine()
    {
        while (_position < text.Length && text[_position] != '\n') _position++;
    }

    private void SkipBlanks()
    {
        while (_position < text.Length)
        {
            var c = text[_position];
            if (c == '\n') StartLine();
            else if (c is ' ' or '\t' or '\r' or '\f' or '\v') _position++;
            else if (c == '/' && Ahead(1) == '/') SkipLine();
            else if (c == '/' && Ahead(1) == '*') SkipComment();
            else return;
        }
    }

    private void SkipComment()
    {
        var (line, column) = (_line, Column(_position));
        _position += 2;
        while (_position < text.Length)
        {
            if (text[_position] == '\n') StartLine();
            else if (text[_position] == '*' && Ahead(1) == '/')
            {
                _position += 2;
                return;
            }
            else _position++;
        }

        throw new PtxException(new PtxError(PtxErrorKind.Malformed, line, column, "this comment does not end"));
    }

    private void StartLine()
    {
        _line++;
        _lineStart = ++_position;
    }

    private Token Name(TokenKind kind, int start)
    {
        _position++;
        while (_position < text.Length)
        {
            // Cache hints and scopes are one word: .L1::no_allocate, .shared::cta.
            if (kind == TokenKind.Dotted && text[_position] == ':' && Ahead(1) == ':') _position += 2;
            else if (IsNamePart(text[_position])) _position++;
            else break;
        }

        return Make(kind, start);
    }

    private Token Quoted(int start)
    {
        _position++;
        while (_position < text.Length && text[_position] is not ('"' or '\n')) _position++;
        if (_position >= text.Length || text[_position] == '\n') throw Malformed(start, "this string does not end");
        _position++;
        return Make(TokenKind.String, start);
    }

    private Token Number(int start)
    {
        if (text[start] == '0')
        {
            switch (Ahead(1))
            {
                case 'f' or 'F': return Exact(start, TokenKind.Single, 8);
                case 'd' or 'D': return Exact(start, TokenKind.Double, 16);
                case 'x' or 'X': return Integer(start, 2, 16);
                case 'b' or 'B': return Integer(start, 2, 2);
            }
        }

        while (char.IsAsciiDigit(Ahead(0))) _position++;
        if (Ahead(0) is '.' or 'e' or 'E') return Decimal(start);
        _position = start;
        return Integer(start, 0, text[start] == '0' ? 8 : 10);
    }

    private Token Exact(int start, TokenKind kind, int digits)
    {
        _position += 2;
        var first = _position;
        while (char.IsAsciiHexDigit(Ahead(0))) _position++;
        if (_position - first != digits || IsNamePart(Ahead(0)))
            throw Malformed(start, $"a floating-point number in hexadecimal has {digits} digits here");
        return Make(kind, start, ulong.Parse(text.AsSpan(first, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }

    private Token Decimal(int start)
    {
        if (Ahead(0) == '.') _position++;
        while (char.IsAsciiDigit(Ahead(0))) _position++;
        if (Ahead(0) is 'e' or 'E')
        {
            _position++;
            if (Ahead(0) is '+' or '-') _position++;
            while (char.IsAsciiDigit(Ahead(0))) _position++;
        }

        var parsed = double.TryParse(text.AsSpan(start, _position - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
        if (!parsed || IsNamePart(Ahead(0))) throw Malformed(start, "this is not a number");
        return Make(TokenKind.Double, start, BitConverter.DoubleToUInt64Bits(value));
    }

    private Token Integer(int start, int prefix, int radix)
    {
        _position += prefix;
        var first = _position;
        ulong value = 0;
        for (; char.IsAsciiHexDigit(Ahead(0)); _position++)
        {
            var digit = Convert.ToInt32(text[_position].ToString(), 16);
            var wide = (UInt128)value * (uint)radix + (uint)digit;
            if (digit >= radix || wide > ulong.MaxValue) throw Malformed(start, "this integer is out of range or has a wrong digit");
            value = (ulong)wide;
        }

        if (_position == first) throw Malformed(start, "this integer has no digits");
        if (Ahead(0) == 'U') _position++;
        if (IsNamePart(Ahead(0))) throw Malformed(start, "this is not a number");
        return Make(TokenKind.Integer, start, value);
    }

    private char Ahead(int distance) => _position + distance < text.Length ? text[_position + distance] : '\0';

    private int Column(int position) => position - _lineStart + 1;

    private Token Make(TokenKind kind, int start, ulong bits = 0) =>
        new(kind, text[start.._position], bits, _line, Column(start));

    private PtxException Malformed(int start, string message) =>
        new(new PtxError(PtxErrorKind.Malformed, _line, Column(start), message));

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c is '_' or '$' or '%';

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$';

    private static string Describe(char c) => c is > ' ' and <= '~' ? $"'{c}'" : $"U+{(int)c:X4}";
}
