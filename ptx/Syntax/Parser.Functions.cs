namespace Broker.Ptx.Syntax;

/// <content>Reads functions and their statements.</content>
internal sealed partial class Parser
{
    private void ParseFunction(string linkage)
    {
        var isEntry = _token.IsDotted(".entry");
        Advance();
        if (_token.IsDotted(".attribute")) throw NotSupported(_token, "functions with attributes");
        var outer = _names;
        _names = new NameScope(outer);
        var results = isEntry ? [] : ParameterList(isEntry);
        var name = Identifier("the name of a function");
        var function = new Function(name.Text, isEntry, name.Line, name.Column)
        {
            Linkage = linkage,
            Results = results,
            Parameters = ParameterList(isEntry),
            Directives = Directives(),
        };
        if (outer.Find(name.Text) is not Function known || known.IsEntry != isEntry) Declare(outer, name, function);
        if (_token.Is('{'))
        {
            if (isEntry && !_entries.Add(name.Text)) throw Malformed(name, $"'{name.Text}' is declared twice");
            function = function with { Body = Body() };
        }
        else if (!TryTake(';')) throw Malformed(_token, $"expected a body or ';', found {_token}");
        if (_names.FindUndefinedLabel() is { } missing) throw Undeclared(missing);
        _names = outer;
        _items.Add(function);
    }

    private static void Declare(NameScope scope, Token name, Function function)
    {
        if (!scope.TryDeclare(name.Text, function)) throw Malformed(name, $"'{name.Text}' is declared twice");
    }

    private List<Variable> ParameterList(bool isEntry)
    {
        var parameters = new List<Variable>();
        if (!TryTake('(')) return parameters;
        while (!_token.Is(')'))
        {
            if (_token.IsDotted(".reg") && !isEntry) parameters.Add(RegisterParameter());
            else if (!_token.IsDotted(".param")) throw Malformed(_token, $"expected '.param', found {_token}");
            else
            {
                Advance();
                parameters.Add(DeclareVariable(VariableShape(StateSpace.Parameter, "")));
            }

            if (!TryTake(',')) break;
        }

        Take(')');
        return parameters;
    }

    private Variable RegisterParameter()
    {
        Advance();
        var (declared, type, width) = RegisterType();
        var name = Identifier("the name of a register");
        if (width > 1) throw NotSupported(name, "vectors as parameters");
        var register = new Register(name.Text, type);
        if (name.Text != "_") Declare(name.Text, register, name);
        return new Variable(name.Text, StateSpace.Register, type, name.Line, name.Column) { DeclaredType = declared, Register = register };
    }

    private List<(string Name, IReadOnlyList<ulong> Values)> Directives()
    {
        var directives = new List<(string, IReadOnlyList<ulong>)>();
        while (_token.Kind == TokenKind.Dotted)
        {
            var directive = _token;
            if (SkipDebugDirective()) continue;
            if (directive.Text == ".pragma")
            {
                Pragma();
                continue;
            }

            Advance();
            var values = new List<ulong>();
            while (_token.Kind == TokenKind.Integer)
            {
                values.Add((ulong)SmallInteger("a number", int.MaxValue));
                if (!TryTake(',')) break;
            }

            CheckDirective(directive, values.Count);
            directives.Add((directive.Text, values));
        }

        return directives;
    }

    private static void CheckDirective(Token directive, int values)
    {
        var (least, most) = directive.Text switch
        {
            ".maxntid" or ".reqntid" => (1, 3),
            ".minnctapersm" or ".maxnctapersm" or ".maxnreg" or ".maxclusterrank" => (1, 1),
            ".noreturn" => (0, 0),
            // A dot in the name of a function, which old compilers left there, looks like one.
            _ when char.IsAsciiDigit(directive.Text[1]) => throw Malformed(directive, $"expected a directive, found {directive}"),
            _ => throw NotSupported(directive, $"the directive {directive.Text}"),
        };
        if (values < least || values > most) throw Malformed(directive, $"{directive.Text} has {values} numbers");
    }

    private PragmaStatement Pragma()
    {
        Advance();
        var texts = new List<string>();
        do
        {
            if (_token.Kind != TokenKind.String) throw Malformed(_token, $"expected a string, found {_token}");
            texts.Add(_token.Text);
            Advance();
        }
        while (TryTake(','));
        Take(';');
        return new PragmaStatement(string.Join(", ", texts));
    }

    private List<Statement> Body()
    {
        var start = _token;
        Enter(start);
        Take('{');
        var statements = new List<Statement>();
        while (!_token.Is('}'))
        {
            if (_token.Kind == TokenKind.End) throw Malformed(start, "this brace is not closed");
            if (SkipDebugDirective()) continue;
            ParseStatement(statements);
        }

        Advance();
        Leave();
        return statements;
    }

    private void ParseStatement(List<Statement> statements)
    {
        var linkage = Linkage();
        if (_token.Is('{') && linkage.Length == 0) statements.Add(new ScopeStatement(Scope()));
        else if (FindSpace(_token) is { } space) statements.AddRange(Variables(space, linkage).Select(v => new VariableStatement(v)));
        else if (linkage.Length > 0) throw Malformed(_token, $"expected a variable after {linkage}, found {_token}");
        else if (_token.Is('@')) statements.Add(Guarded());
        else if (_token.IsDotted(".reg")) statements.Add(Registers());
        else if (_token.IsDotted(".pragma")) statements.Add(Pragma());
        else if (_token.Kind == TokenKind.Dotted) throw NotSupported(_token, $"the directive {_token.Text}");
        else LabelOrInstruction(statements);
    }

    private List<Statement> Scope()
    {
        var outer = _names;
        _names = new NameScope(outer);
        var statements = Body();
        _names.HandLabelsTo(outer);
        _names = outer;
        return statements;
    }

    private void LabelOrInstruction(List<Statement> statements)
    {
        var name = Identifier("an instruction or a label");
        if (!TryTake(':'))
        {
            statements.Add(new InstructionStatement(ParseInstruction(name, null)));
            return;
        }

        var label = _names.TryDefineLabel(name.Text, name.Line, name.Column) ?? throw Malformed(name, $"'{name.Text}' is declared twice");
        if (_token.IsDotted(".branchtargets")) statements.Add(Targets(label));
        else if (_token.IsDotted(".calltargets")) statements.Add(CallTargets(label));
        else if (_token.IsDotted(".callprototype")) statements.Add(Prototype(label));
        else statements.Add(new LabelStatement(label));
    }

    private TargetsStatement Targets(Label label)
    {
        Advance();
        var targets = new List<LabelOperand>();
        do
        {
            var name = Identifier("a label");
            targets.Add(new LabelOperand(_names.ReferToLabel(name.Text, name.Line, name.Column)));
        }
        while (TryTake(','));
        Take(';');
        return new TargetsStatement(label, targets);
    }

    private CallTargetsStatement CallTargets(Label label)
    {
        Advance();
        var functions = new List<string>();
        do functions.Add(FunctionName().Text);
        while (TryTake(','));
        Take(';');
        return new CallTargetsStatement(label, functions);
    }

    private PrototypeStatement Prototype(Label label)
    {
        Advance();
        var outer = _names;
        _names = new NameScope(outer);
        var results = _token.Is('(') ? ParameterList(isEntry: false) : [];
        Identifier("'_' or a name");
        var parameters = ParameterList(isEntry: false);
        var noReturn = _token.IsDotted(".noreturn");
        if (noReturn) Advance();
        Take(';');
        _names = outer;
        return new PrototypeStatement(label, results, parameters, noReturn);
    }

    private RegisterStatement Registers()
    {
        Advance();
        var (declared, type, width) = RegisterType();
        var names = new List<(string, long?)>();
        do names.Add(DeclareRegister(type, width));
        while (TryTake(','));
        Take(';');
        return new RegisterStatement(declared, names);
    }

    private (string Declared, ScalarType Type, int Width) RegisterType()
    {
        var vector = _token.IsDotted(".v2") || _token.IsDotted(".v4") ? _token.Text : "";
        if (vector.Length > 0) Advance();
        var type = _token;
        if (type.Kind != TokenKind.Dotted) throw Malformed(type, $"expected a type, found {type}");
        var known = ScalarType.FindDeclared(type.Text.AsSpan(1)) ?? throw NotSupported(type, $"registers of type {type.Text}");
        Advance();
        if (vector.Length == 0) return (type.Text, known, 1);
        var width = vector == ".v2" ? 2 : 4;
        if (known == ScalarType.Predicate || known.Bits * width > 128) throw Malformed(type, $"there are no vectors of {width} {type.Text}");
        return ($"{vector} {type.Text}", known, width);
    }

    private (string Name, long? Count) DeclareRegister(ScalarType type, int width)
    {
        var name = Identifier("the name of a register");
        if (!TryTake('<'))
        {
            Declare(name.Text, VectorRegister.Of(name.Text, type, width), name);
            return (name.Text, null);
        }

        var count = SmallInteger("a number of registers", int.MaxValue);
        Take('>');
        if (!_names.TryDeclareRange(name.Text, count, type, width)) throw Malformed(name, $"'{name.Text}' is declared twice");
        return (name.Text, count);
    }
}
