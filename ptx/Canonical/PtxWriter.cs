using System.Globalization;
using System.Text;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Canonical;

/// <summary>Writes a module as canonical text: one statement a line, no comments.</summary>
internal sealed class PtxWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public string Write(ParsedModule module)
    {
        Line($".version {module.Version}");
        Line($".target {module.Target}");
        Line(".address_size 64");
        foreach (var item in module.Items)
        {
            if (item is Variable variable) Line($"{Declaration(variable)};");
            else if (item is Alias alias) Line($".alias {alias.Name}, {alias.Function};");
            else Write((Function)item);
        }

        return _text.ToString();
    }

    private void Write(Function function)
    {
        var linkage = function.Linkage.Length > 0 ? function.Linkage + " " : "";
        var results = function.Results.Count > 0 ? $"({Parameters(function.Results)}) " : "";
        Line($"{linkage}{(function.IsEntry ? ".entry" : ".func")} {results}{function.Name}({Parameters(function.Parameters)})");
        foreach (var (name, values) in function.Directives) Line($"{name} {string.Join(", ", values)}".TrimEnd());
        if (function.Body is null) Line(";");
        else Write(function.Body);
    }

    private static string Parameters(IReadOnlyList<Variable> parameters) => string.Join(", ", parameters.Select(Declaration));

    private void Write(IReadOnlyList<Statement> statements)
    {
        Line("{");
        _depth++;
        foreach (var statement in statements) Write(statement);
        _depth--;
        Line("}");
    }

    private void Write(Statement statement)
    {
        switch (statement)
        {
            case RegisterStatement registers:
                Line($".reg {registers.Type} {string.Join(", ", registers.Names.Select(n => n.Count is { } count ? $"{n.Name}<{count}>" : n.Name))};");
                break;
            case VariableStatement variable: Line($"{Declaration(variable.Variable)};"); break;
            case LabelStatement label: Line($"{label.Label}:"); break;
            case TargetsStatement targets: Line($"{targets.Name}: .branchtargets {string.Join(", ", targets.Targets.Select(Text))};"); break;
            case CallTargetsStatement targets: Line($"{targets.Name}: .calltargets {string.Join(", ", targets.Functions)};"); break;
            case PrototypeStatement prototype: Write(prototype); break;
            case PragmaStatement pragma: Line($".pragma {pragma.Text};"); break;
            case InstructionStatement instruction: Line($"{Text(instruction.Instruction)};"); break;
            case ScopeStatement scope: Write(scope.Statements); break;
        }
    }

    private void Write(PrototypeStatement prototype)
    {
        var results = prototype.Results.Count > 0 ? $"({Parameters(prototype.Results)}) " : "";
        Line($"{prototype.Name}: .callprototype {results}_ ({Parameters(prototype.Parameters)}){(prototype.NoReturn ? " .noreturn" : "")};");
    }

    private static string Text(Instruction instruction)
    {
        var guard = instruction.Guard is { } predicate ? $"@{Text(predicate)} " : "";
        var name = string.Join('.', Canonicaliser.NameRounding(instruction).Prepend(instruction.Opcode));
        return $"{guard}{name} {string.Join(", ", instruction.Operands.Select(Text))}".TrimEnd();
    }

    public static string Text(Operand operand) => operand switch
    {
        RegisterOperand register => register.Register.Name,
        SpecialOperand special => special.Name,
        ImmediateOperand immediate => Text(immediate.Value),
        SymbolOperand symbol => symbol.Variable.Name + Offset(symbol.Offset),
        FunctionOperand function => function.Name,
        LabelOperand label => label.Label.Name,
        AddressOperand address => $"[{Text(address.Base)}{Offset(address.Offset)}]",
        VectorOperand vector => $"{{{string.Join(", ", vector.Elements.Select(Text))}}}",
        ListOperand list => $"({string.Join(", ", list.Elements.Select(Text))})",
        NegatedOperand negated => $"!{Text(negated.Inner)}",
        PairOperand pair => $"{Text(pair.First)}|{Text(pair.Second)}",
        CompoundOperand compound => $"[{string.Join(", ", compound.Elements.Select(Text))}]",
        _ => "_",
    };

    private static string Offset(long offset) => offset == 0 ? "" : offset.ToString("+0;-0", CultureInfo.InvariantCulture);

    private static string Text(Literal literal) => literal.Kind switch
    {
        LiteralKind.Single => $"0f{literal.Bits:X8}",
        LiteralKind.Double => $"0d{literal.Bits:X16}",
        _ => ((long)literal.Bits).ToString(CultureInfo.InvariantCulture),
    };

    private static string Declaration(Variable variable)
    {
        var text = new StringBuilder();
        if (variable.Linkage.Length > 0) text.Append(variable.Linkage).Append(' ');
        text.Append(Space(variable.Space));
        if (variable.IsManaged) text.Append(" .attribute(.managed)");
        if (variable.DeclaredAlignment > 0) text.Append(CultureInfo.InvariantCulture, $" .align {variable.DeclaredAlignment}");
        if (variable.VectorWidth > 1) text.Append(CultureInfo.InvariantCulture, $" .v{variable.VectorWidth}");
        text.Append(' ').Append(variable.DeclaredType);
        if (variable.PointerAttributes.Length > 0) text.Append(' ').Append(variable.PointerAttributes);
        text.Append(' ').Append(variable.Name);
        foreach (var length in variable.Dimensions) text.Append(length == 0 ? "[]" : string.Create(CultureInfo.InvariantCulture, $"[{length}]"));
        if (variable.Initialiser is { } initialiser) text.Append(" = ").Append(Text(initialiser));
        return text.ToString();
    }

    private static string Space(StateSpace space) => space switch
    {
        StateSpace.Global => ".global",
        StateSpace.Constant => ".const",
        StateSpace.Shared => ".shared",
        StateSpace.Local => ".local",
        StateSpace.Register => ".reg",
        _ => ".param",
    };

    private static string Text(Initialiser initialiser) => initialiser switch
    {
        InitialiserValue value => Text(value.Value),
        InitialiserFunction function => function.Generic ? $"generic({function.Name})" : function.Name,
        InitialiserSymbol { Generic: true } symbol => $"generic({symbol.Variable.Name}){Offset(symbol.Offset)}",
        InitialiserSymbol symbol => symbol.Variable.Name + Offset(symbol.Offset),
        _ => $"{{{string.Join(", ", ((InitialiserList)initialiser).Items.Select(Text))}}}",
    };

    private void Line(string line) => _text.Append('\t', _depth).Append(line).Append('\n');
}
