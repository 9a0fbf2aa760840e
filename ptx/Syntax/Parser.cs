namespace Broker.Ptx.Syntax;

/// <summary>Reads a PTX text by recursive descent, one token ahead.</summary>
/// <remarks>Whatever the text, the outcome is a module or a <see cref="PtxException"/>: nesting and size are bounded.</remarks>
internal sealed partial class Parser
{
    private const int MaxTextLength = 16 << 20;
    private const int MaxDepth = 32;

    private readonly Lexer _lexer;
    private readonly List<object> _items = [];
    private readonly HashSet<string> _entries = [];
    private NameScope _names = new(null);
    private Token _token;
    private int _depth;

    private Parser(string text)
    {
        _lexer = new Lexer(Trim(text));
        _token = _lexer.Next();
    }

    public static ParsedModule Parse(string text)
    {
        if (text.Length > MaxTextLength)
            throw new PtxException(new PtxError(PtxErrorKind.Malformed, 1, 1, $"the text is longer than {MaxTextLength} characters"));
        return new Parser(text).Module();
    }

    /// <summary>Removes what files have around the text: the mark of their encoding, and the zero that ends NVRTC's strings.</summary>
    private static string Trim(string text) => text.TrimStart('\uFEFF').TrimEnd('\0');

    private ParsedModule Module()
    {
        if (!_token.IsDotted(".version")) throw Malformed(_token, $"expected '.version' first, found {_token}");
        Advance();
        var version = Version(_token);
        var target = "";
        while (_token.Kind != TokenKind.End)
        {
            if (_token.IsDotted(".target")) target = Target();
            else if (_token.IsDotted(".address_size")) AddressSize();
            else if (_token.IsDotted(".pragma")) Pragma();
            else if (_token.IsDotted(".alias")) ParseAlias();
            else if (!SkipDebugDirective()) Declaration();
        }

        if (target.Length == 0) throw Malformed(_token, "the text has no '.target'");
        return new ParsedModule(version, target, _items);
    }

    private string Version(Token token)
    {
        if (token.Kind != TokenKind.Double) throw Malformed(token, $"expected a version such as 7.0, found {token}");
        Advance();
        return token.Text;
    }

    private string Target()
    {
        Advance();
        var names = new List<string> { Identifier("a target such as sm_70").Text };
        while (TryTake(',')) names.Add(Identifier("a target option").Text);
        return string.Join(", ", names);
    }

    private void AddressSize()
    {
        Advance();
        var size = _token;
        if (Integer("an address size") != 64) throw NotSupported(size, "addresses that are not 64 bits wide");
    }

    private void ParseAlias()
    {
        Advance();
        var name = FunctionName();
        Take(',');
        var function = FunctionName();
        Take(';');
        if (_items.OfType<Alias>().Any(a => a.Name == name.Text)) throw Malformed(name, $"'{name.Text}' is declared twice");
        _items.Add(new Alias(name.Text, function.Text));
    }

    /// <summary>Reads the name of a function that has been declared.</summary>
    private Token FunctionName()
    {
        var name = Identifier("the name of a function");
        return _names.Find(name.Text) is Function { IsEntry: false } ? name : throw Malformed(name, $"'{name.Text}' is not a function");
    }

    private void Declaration()
    {
        var linkage = Linkage();
        if (_token.IsDotted(".entry") || _token.IsDotted(".func")) ParseFunction(linkage);
        else if (FindSpace(_token) is { } space) _items.AddRange(Variables(space, linkage));
        else if (_token.Kind == TokenKind.Dotted) throw NotSupported(_token, $"the directive {_token.Text}");
        else throw Malformed(_token, $"expected a directive, found {_token}");
    }

    private string Linkage()
    {
        var linkage = "";
        while (_token.Kind == TokenKind.Dotted && _token.Text is ".visible" or ".extern" or ".weak" or ".common")
        {
            linkage += (linkage.Length > 0 ? " " : "") + _token.Text;
            Advance();
        }

        return linkage;
    }

    /// <summary>Skips what speaks to debuggers alone.</summary>
    private bool SkipDebugDirective()
    {
        if (_token.Kind != TokenKind.Dotted) return false;
        if (_token.Text is ".file" or ".loc")
        {
            _lexer.SkipLine();
            Advance();
            return true;
        }

        if (_token.Text != ".section") return false;
        while (!_token.Is('{')) AdvanceInside(".section");
        while (!_token.Is('}')) AdvanceInside(".section");
        Advance();
        return true;
    }

    private void AdvanceInside(string directive)
    {
        if (_token.Kind == TokenKind.End) throw Malformed(_token, $"'{directive}' does not end");
        Advance();
    }

    private void Advance() => _token = _lexer.Next();

    private bool TryTake(char punctuation)
    {
        if (!_token.Is(punctuation)) return false;
        Advance();
        return true;
    }

    private void Take(char punctuation)
    {
        if (!TryTake(punctuation)) throw Malformed(_token, $"expected '{punctuation}', found {_token}");
    }

    private Token Identifier(string what)
    {
        var token = _token;
        if (token.Kind != TokenKind.Identifier) throw Malformed(token, $"expected {what}, found {token}");
        Advance();
        return token;
    }

    private ulong Integer(string what)
    {
        var token = _token;
        if (token.Kind != TokenKind.Integer) throw Malformed(token, $"expected {what}, found {token}");
        Advance();
        return token.Bits;
    }

    private long SmallInteger(string what, long limit)
    {
        var token = _token;
        var value = Integer(what);
        return value <= (ulong)limit ? (long)value : throw Malformed(token, $"{token.Text} is more than {limit}");
    }

    private void Enter(Token token)
    {
        if (++_depth > MaxDepth) throw Malformed(token, $"braces are nested deeper than {MaxDepth}");
    }

    private void Leave() => _depth--;

    private void Declare(string name, object value, Token token)
    {
        if (!_names.TryDeclare(name, value)) throw Malformed(token, $"'{name}' is declared twice");
    }

    private static PtxException Malformed(Token token, string message) =>
        new(new PtxError(PtxErrorKind.Malformed, token.Line, token.Column, message));

    private static PtxException NotSupported(Token token, string message) =>
        new(new PtxError(PtxErrorKind.NotSupported, token.Line, token.Column, message));
}
