using System.Diagnostics;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Expansions;

/// <summary>Collects what one instruction is put in terms of: others that stand in its place, at its line.</summary>
internal sealed class Expansion(Instruction original, ThreadStack stack)
{
    private readonly List<Statement> _statements = [];

    public IReadOnlyList<Statement> Statements => _statements;

    /// <summary>Gets the stack of the kernel, which has one from here on.</summary>
    public ThreadStack Stack
    {
        get
        {
            stack.IsUsed = true;
            return stack;
        }
    }

    /// <summary>Makes a row of the instruction table that is never emitted itself.</summary>
    public static InstructionForm Form(string opcode, string pattern, string operands, Action<Expansion, Instruction> expand) =>
        new(opcode, pattern, operands, (_, i) => throw new UnreachableException(i.Name)) { Expand = expand };

    public static RegisterOperand Register(ScalarType type) => new(new Register("part", type));

    public static VectorOperand Registers(int count, ScalarType type) => new([.. Enumerable.Range(0, count).Select(_ => Register(type))]);

    public static ImmediateOperand Number(long number) => new(new Literal(LiteralKind.Integer, (ulong)number));

    /// <param name="name">The opcode with its modifiers.</param>
    public void Add(string name, params Operand[] operands) => AddIf(null, name, operands);

    /// <summary>Adds an instruction that runs under a predicate.</summary>
    public void AddIf(Operand? guard, string name, params Operand[] operands)
    {
        var parts = name.Split('.');
        _statements.Add(new InstructionStatement(CallArguments.InPlaceOf(original, parts[0], parts[1..], operands) with { Guard = guard, Origin = original }));
    }

    /// <summary>Adds an instruction of a form that no text can name; it goes by the name of the original.</summary>
    public void Add(InstructionForm form, params Operand[] operands) => Add(original, form, operands);

    /// <summary>Adds one whose place in memory is in shared memory, where the original may have left that open.</summary>
    public void AddShared(InstructionForm form, params Operand[] operands) =>
        AddAs(IsShared ? original.Modifiers : [.. original.Modifiers.SkipLast(1), "shared", original.Modifiers[^1]], form, operands);

    /// <summary>Adds one with modifiers of its own.</summary>
    public void AddAs(IReadOnlyList<string> modifiers, InstructionForm form, params Operand[] operands) =>
        Add(original with { Modifiers = modifiers }, form, operands);

    private bool IsShared => MemoryAccess.SpaceOf(original) == StateSpace.Shared;

    private void Add(Instruction named, InstructionForm form, Operand[] operands)
    {
        var unnamed = named with { Guard = null, Origin = original, Form = form, Operands = operands };
        _statements.Add(new InstructionStatement(unnamed with { OperandTypes = [.. form.Shapes.Select(s => s.TypeIn(unnamed))] }));
    }

    public void Mark(Label label) => _statements.Add(new LabelStatement(label));

    public void Branch(Label label, Operand? guard = null) => AddIf(guard, "bra", new LabelOperand(label));

    /// <summary>Gives whether a register has a number below another.</summary>
    public RegisterOperand IsBelow(Operand register, Operand bound)
    {
        var isBelow = Register(ScalarType.Predicate);
        Add("setp.lt.u32", isBelow, register, bound);
        return isBelow;
    }

    /// <summary>Gives a register that holds an address, in the space that its instruction or its variable has.</summary>
    public RegisterOperand AddressOf(AddressOperand place)
    {
        var address = Register(place.Base is RegisterOperand { Register.Type.Bits: 32 } ? ScalarType.U32 : ScalarType.U64);
        if (place.Base is SymbolOperand symbol) Add("mov.u64", address, symbol with { Offset = place.Offset });
        else Add($"add.u{address.Register.Type.Bits}", address, place.Base, Number(place.Offset));
        return address;
    }

    /// <summary>Gives a place in shared memory, which a generic address may name.</summary>
    public AddressOperand SharedPlace(AddressOperand place)
    {
        if (IsShared || place.Base is SymbolOperand) return place;
        var address = AddressOf(place);
        Add($"cvta.to.shared.u{address.Register.Type.Bits}", address, address);
        return new AddressOperand(address, 0);
    }

    public RegisterOperand Lane()
    {
        var lane = Register(ScalarType.U32);
        Add("mov.u32", lane, new SpecialOperand("%laneid"));
        return lane;
    }
}
