using Broker.Ptx.Instructions;

namespace Broker.Ptx.Syntax;

/// <content>Reads instructions and their operands.</content>
internal sealed partial class Parser
{
    private const int MaxOperands = 64;

    private InstructionStatement Guarded()
    {
        Take('@');
        var negated = TryTake('!');
        var name = Identifier("a predicate");
        if (_names.Find(name.Text) is not Register { Type.Class: TypeClass.Predicate } register)
            throw Malformed(name, $"'{name.Text}' is not a predicate");
        Operand guard = new RegisterOperand(register);
        return new InstructionStatement(ParseInstruction(Identifier("an instruction"), negated ? new NegatedOperand(guard) : guard));
    }

    private Instruction ParseInstruction(Token opcode, Operand? guard)
    {
        if (!Opcodes.IsKnown(opcode.Text)) throw Malformed(opcode, $"there is no instruction '{opcode.Text}'");
        var modifiers = new List<string>();
        for (; _token.Kind == TokenKind.Dotted; Advance()) modifiers.Add(_token.Text[1..]);
        var operands = new List<Operand>();
        if (!_token.Is(';')) operands.AddRange(OperandsUntil(';'));
        Take(';');
        if (opcode.Text is "ld" or "st") operands = [.. operands.Select(WithoutBraces)];
        return new Instruction(opcode.Text, modifiers, operands, opcode.Line, opcode.Column) { Guard = guard };
    }

    /// <summary>Gives the operand that stands in braces alone, as Triton writes it: <c>ld.global.b32 { %r1 }, [ %rd1 + 0 ]</c>.</summary>
    private static Operand WithoutBraces(Operand operand) => operand is VectorOperand { Elements: [var only] } ? only : operand;

    private List<Operand> OperandsUntil(char end)
    {
        var operands = new List<Operand>();
        while (!_token.Is(end))
        {
            if (operands.Count == MaxOperands) throw Malformed(_token, $"there are more than {MaxOperands} operands");
            operands.Add(ParseOperand());
            if (!TryTake(',')) break;
        }

        return operands;
    }

    private Operand ParseOperand()
    {
        Enter(_token);
        var operand = Primary();
        if (TryTake('|')) operand = new PairOperand(operand, Primary());
        Leave();
        return operand;
    }

    private Operand Primary()
    {
        if (TryTake('!')) return new NegatedOperand(Named(Identifier("a predicate")));
        if (TryTake('{'))
        {
            var elements = OperandsUntil('}');
            Take('}');
            return new VectorOperand(elements);
        }

        if (TryTake('('))
        {
            var elements = OperandsUntil(')');
            Take(')');
            return new ListOperand(elements);
        }

        if (_token.Is('[')) return Address();
        return _token.Kind == TokenKind.Identifier ? Named(Identifier("an operand")) : new ImmediateOperand(ParseLiteral());
    }

    private Operand Named(Token name)
    {
        if (name.Text == "_") return new SinkOperand();
        switch (_names.Find(name.Text))
        {
            case Register register: return new RegisterOperand(register);
            case VectorRegister vector: return PartOf(vector);
            case Variable variable: return new SymbolOperand(variable, ParseOffset());
            case Function function: return new FunctionOperand(function.Name);
        }

        if (name.Text == "WARP_SZ") return new ImmediateOperand(new Literal(LiteralKind.Integer, 32));
        if (!SpecialRegisters.IsKnown(name.Text))
            return new LabelOperand(_names.ReferToLabel(name.Text, name.Line, name.Column));
        if (_token.Kind != TokenKind.Dotted) return new SpecialOperand(name.Text);
        var part = _token.Text;
        Advance();
        return new SpecialOperand(name.Text + part);
    }

    /// <summary>Reads which part of a vector is meant: one of its registers, or without a suffix all of them (PTX ISA 6.4.3).</summary>
    private Operand PartOf(VectorRegister vector)
    {
        if (_token.Kind != TokenKind.Dotted) return vector.Whole;
        var part = vector.Find(_token.Text) ?? throw Malformed(_token, $"'{vector.Name}' has no part {_token.Text}");
        Advance();
        return new RegisterOperand(part);
    }

    private Operand Address()
    {
        var start = _token;
        Advance();
        var place = Primary();
        if (place is not (RegisterOperand or SymbolOperand or ImmediateOperand) || _token.Is(','))
        {
            // Textures and bulk copies name several things in one pair of brackets.
            var rest = TryTake(',') ? OperandsUntil(']') : [];
            Take(']');
            if (place is LabelOperand label) throw Undeclared((label.Label.Name, start.Line, start.Column + 1));
            return new CompoundOperand([place, .. rest]);
        }

        var offset = ParseOffset();
        Take(']');
        return place switch
        {
            SymbolOperand symbol => new AddressOperand(symbol with { Offset = 0 }, symbol.Offset + offset),
            _ => new AddressOperand(place, offset),
        };
    }

    /// <summary>Reads <c>+8</c>, <c>-8</c> or <c>+-8</c>, or nothing.</summary>
    private long ParseOffset()
    {
        if (!_token.Is('+') && !_token.Is('-')) return 0;
        var negative = _token.Is('-');
        Advance();
        if (TryTake('-')) negative = !negative;
        var offset = SmallInteger("an offset", int.MaxValue);
        return negative ? -offset : offset;
    }

    private Literal ParseLiteral()
    {
        var negative = TryTake('-');
        var token = _token;
        Advance();
        return token.Kind switch
        {
            TokenKind.Integer => new Literal(LiteralKind.Integer, negative ? 0 - token.Bits : token.Bits),
            TokenKind.Single => new Literal(LiteralKind.Single, negative ? token.Bits ^ 0x8000_0000 : token.Bits),
            TokenKind.Double => new Literal(LiteralKind.Double, negative ? token.Bits ^ 1UL << 63 : token.Bits),
            _ => throw Malformed(token, $"expected an operand, found {token}"),
        };
    }

    private static PtxException Undeclared((string Name, int Line, int Column) use) =>
        new(new PtxError(PtxErrorKind.Malformed, use.Line, use.Column, $"'{use.Name}' is not declared"));
}
