using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Expansions;

/// <summary>Is memory of each thread that it takes piece by piece as it runs, and gives back in turn (PTX ISA 9.7.17).</summary>
/// <remarks>A register says how far down it is taken; what a function took, its caller gives back.</remarks>
internal sealed class ThreadStack(Function entry)
{
    public const int Bytes = 16 << 10;

    private const int Alignment = 128;
    private const int DefaultAlignment = 8;

    private readonly RegisterOperand _top = Expansion.Register(ScalarType.U64);

    public static IEnumerable<InstructionForm> Forms =>
    [
        Expansion.Form("alloca", "<u32|u64>", "d s number:1|2|4|8|16|32|64|128?", (e, i) => e.Stack.Take(e, i)),
        Expansion.Form("stacksave", "<u32|u64>", "d", (e, i) => e.Add($"cvt.{i.Type}.u64", i.Operands[0], e.Stack._top)),
        Expansion.Form("stackrestore", "<u32|u64>", "s", (e, i) => e.Add($"cvt.u64.{i.Type}", e.Stack._top, i.Operands[0])),
    ];

    /// <summary>Gets whether a kernel has a stack; it has none that no instruction asked for.</summary>
    public bool IsUsed { get; set; }

    public Variable Memory { get; } = new("stack", StateSpace.Local, new ScalarType(TypeClass.Bits, 8), entry.Line, entry.Column) { Dimensions = [Bytes], DeclaredAlignment = Alignment };

    /// <summary>Gets what a kernel does first.</summary>
    public InstructionStatement Start => new(CallArguments.InPlaceOf(
        new Instruction("mov", [], [], entry.Line, entry.Column), "mov", ["u64"], _top, new SymbolOperand(Memory, Bytes)));

    private void Take(Expansion expansion, Instruction instruction)
    {
        var (size, room, isTooLarge, fits) = (Expansion.Register(ScalarType.U64), Expansion.Register(ScalarType.U64), Expansion.Register(ScalarType.Predicate), new Label("fits"));
        var isOutside = Expansion.Register(ScalarType.Predicate);
        var alignment = instruction.Operands.Count > 2 ? (long)((ImmediateOperand)instruction.Operands[2]).Value.Bits : DefaultAlignment;
        expansion.Add($"cvt.u64.{instruction.Type}", size, instruction.Operands[1]);
        expansion.Add("sub.u64", room, _top, new SymbolOperand(Memory, 0));
        expansion.Add("setp.gt.u64", isTooLarge, size, room);
        // What stackrestore put there may lie anywhere.
        expansion.Add("setp.gt.u64", isOutside, room, Expansion.Number(Bytes));
        expansion.Add("or.pred", isTooLarge, isTooLarge, isOutside);
        expansion.Branch(fits, new NegatedOperand(isTooLarge));
        expansion.Add(SystemCalls.OverflowForm, size);
        expansion.Mark(fits);
        expansion.Add("sub.u64", _top, _top, size);
        expansion.Add("and.b64", _top, _top, Expansion.Number(-alignment));
        expansion.Add($"cvt.{instruction.Type}.u64", instruction.Operands[0], _top);
    }
}
