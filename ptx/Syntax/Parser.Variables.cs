namespace Broker.Ptx.Syntax;

/// <content>Reads declarations of memory.</content>
internal sealed partial class Parser
{
    private const long MaxVariableBytes = 1L << 30;
    private const long MaxRange = 1024;

    private static StateSpace? FindSpace(Token token) => token.Kind != TokenKind.Dotted ? null : token.Text switch
    {
        ".global" => StateSpace.Global,
        ".const" => StateSpace.Constant,
        ".shared" => StateSpace.Shared,
        ".local" => StateSpace.Local,
        ".param" => StateSpace.Parameter,
        _ => null,
    };

    private List<Variable> Variables(StateSpace space, string linkage)
    {
        var variables = new List<Variable>();
        Advance();
        var shape = VariableShape(space, linkage);
        do variables.AddRange(DeclareVariables(shape));
        while (TryTake(','));
        Take(';');
        return variables;
    }

    /// <summary>Reads what stands between the state space and the name.</summary>
    private Variable VariableShape(StateSpace space, string linkage)
    {
        var alignment = 0;
        var width = 1;
        var (attributes, managed) = ("", false);
        ScalarType? type = null;
        var declared = "";
        var start = _token;
        for (; _token.Kind == TokenKind.Dotted; Advance())
        {
            switch (_token.Text)
            {
                case ".align": alignment = Alignment(); continue;
                case ".v2": width = 2; continue;
                case ".v4": width = 4; continue;
                case ".attribute": managed = ManagedAttribute(); continue;
                case ".ptr": attributes = PointerAttributes(); break;
                default:
                    type = ScalarType.FindDeclared(_token.Text.AsSpan(1)) ?? throw NotSupported(_token, $"variables with {_token.Text}");
                    declared = _token.Text;
                    continue;
            }

            break;
        }

        if (type is not { } known || known == ScalarType.Predicate) throw Malformed(start, "expected the type of a variable");
        return new Variable("", space, known, start.Line, start.Column)
        {
            Linkage = linkage,
            DeclaredType = declared,
            DeclaredAlignment = alignment,
            VectorWidth = width,
            PointerAttributes = attributes,
            IsManaged = managed,
        };
    }

    /// <summary>Reads an attribute and stops at its last word, which the caller passes.</summary>
    private bool ManagedAttribute()
    {
        Advance();
        Take('(');
        if (!_token.IsDotted(".managed")) throw NotSupported(_token, $"variables with the attribute {_token.Text}");
        Advance();
        if (!_token.Is(')')) throw Malformed(_token, $"expected ')', found {_token}");
        return true;
    }

    /// <summary>Reads an alignment and stops at its number, which the caller passes.</summary>
    private int Alignment()
    {
        Advance();
        var value = _token.Kind == TokenKind.Integer ? _token.Bits : 0;
        if (value is 0 or > 1024 || !System.Numerics.BitOperations.IsPow2(value))
            throw Malformed(_token, $"expected an alignment, a power of two up to 1024, found {_token}");
        return (int)value;
    }

    private string PointerAttributes()
    {
        var text = ".ptr";
        Advance();
        if (FindSpace(_token) is not null)
        {
            text += $" {_token.Text}";
            Advance();
        }

        if (!_token.IsDotted(".align")) return text;
        text += $" .align {Alignment()}";
        Advance();
        return text;
    }

    /// <summary>Reads a declaration, or the shorthand <c>name&lt;3&gt;</c> of several, <c>name0</c> to <c>name2</c> (PTX ISA 5.4.6).</summary>
    private List<Variable> DeclareVariables(Variable shape)
    {
        var name = Identifier("the name of a variable");
        if (!TryTake('<')) return [DeclareVariable(shape, name)];
        var count = _token;
        var length = SmallInteger("a number of variables", int.MaxValue);
        if (length > MaxRange) throw NotSupported(count, $"more than {MaxRange} variables of one name");
        Take('>');
        var variables = Enumerable.Range(0, (int)length).Select(i => shape with { Name = $"{name.Text}{i}", Line = name.Line, Column = name.Column }).ToList();
        foreach (var variable in variables) Declare(variable.Name, variable, name);
        return variables;
    }

    private Variable DeclareVariable(Variable shape) => DeclareVariable(shape, Identifier("the name of a variable"));

    private Variable DeclareVariable(Variable shape, Token name)
    {
        var variable = shape with { Name = name.Text, Line = name.Line, Column = name.Column, Dimensions = Dimensions() };
        if (_token.Is('='))
        {
            if (variable.Space is not (StateSpace.Global or StateSpace.Constant))
                throw Malformed(_token, "only global and constant variables have initial values");
            Advance();
            variable = variable with { Initialiser = ParseInitialiser() };
            if (variable.Dimensions.Count > 0 && variable.Dimensions[0] == 0) variable = Close(variable);
        }

        // A prototype names nothing.
        if (name.Text != "_" || variable.Space != StateSpace.Parameter) Declare(name.Text, variable, name);
        return variable;
    }

    private static Variable Close(Variable variable)
    {
        var length = variable.Initialiser is InitialiserList list ? list.Items.Count : 1;
        return variable with { Dimensions = [length, .. variable.Dimensions.Skip(1)] };
    }

    private List<long> Dimensions()
    {
        var dimensions = new List<long>();
        long product = 1;
        while (_token.Is('['))
        {
            var start = _token;
            Advance();
            var length = _token.Is(']') ? 0 : SmallInteger("the length of an array", MaxVariableBytes);
            product *= Math.Max(length, 1);
            if (product > MaxVariableBytes || dimensions.Count == 8) throw Malformed(start, $"this array is larger than {MaxVariableBytes}");
            dimensions.Add(length);
            Take(']');
        }

        return dimensions;
    }

    private Initialiser ParseInitialiser()
    {
        if (_token.Is('{'))
        {
            Enter(_token);
            Advance();
            var items = new List<Initialiser>();
            while (!_token.Is('}'))
            {
                items.Add(ParseInitialiser());
                if (!TryTake(',')) break;
            }

            Take('}');
            Leave();
            return new InitialiserList(items);
        }

        if (_token.Kind != TokenKind.Identifier)
        {
            var value = new InitialiserValue(ParseLiteral());
            return _token.Is('(') ? throw NotSupported(_token, "initial values that are parts of an address") : value;
        }

        var name = Identifier("a name");
        var generic = name.Text == "generic" && _token.Is('(');
        if (generic)
        {
            Advance();
            name = Identifier("the name of a variable");
            Take(')');
        }

        var found = _names.Find(name.Text);
        if (found is Function { IsEntry: false } function) return new InitialiserFunction(function.Name, generic);
        var variable = found as Variable ?? throw Malformed(name, $"'{name.Text}' is not a variable");
        return new InitialiserSymbol(variable, ParseOffset(), generic);
    }
}
