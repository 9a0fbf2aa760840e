using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Expansions;

/// <summary>Puts a copy from global to shared memory in terms of loads and stores, each of which is checked as any other (PTX ISA 9.7.9.25.3.1).</summary>
internal sealed class AsyncCopy
{
    private const int WordBytes = 4;

    private readonly Expansion _expansion;
    private readonly AddressOperand _target;
    private readonly AddressOperand _source;
    private readonly int _bytes;

    private AsyncCopy(Expansion expansion, Instruction copy)
    {
        (_expansion, _target, _source) = (expansion, (AddressOperand)copy.Operands[0], (AddressOperand)copy.Operands[1]);
        _bytes = (int)((ImmediateOperand)copy.Operands[2]).Value.Bits;
    }

    public static void Expand(Expansion expansion, Instruction copy)
    {
        var expanded = new AsyncCopy(expansion, copy);
        switch (copy.Form!.Shapes[3].Role)
        {
            case OperandRole.Predicate: expanded.CopyUnless(copy.Operands[3]); break;
            case OperandRole.Source: expanded.CopyFirst(copy.Operands[3]); break;
            default: expanded.Copy(); break;
        }
    }

    /// <summary>Names an access of the whole, which is one vector.</summary>
    private string Whole => _bytes == WordBytes ? ".b32" : $".v{_bytes / WordBytes}.b32";

    private void Copy()
    {
        var data = Data(_ => Expansion.Register(ScalarType.B32));
        _expansion.Add($"ld.global{Whole}", data, _source);
        _expansion.Add($"st.shared{Whole}", _target, data);
    }

    private void CopyUnless(Operand ignore)
    {
        var data = Data(_ => Expansion.Register(ScalarType.B32));
        foreach (var word in data is VectorOperand vector ? vector.Elements : [data]) _expansion.Add("mov.b32", word, Expansion.Number(0));
        _expansion.AddIf(ignore is NegatedOperand negated ? negated.Inner : new NegatedOperand(ignore), $"ld.global{Whole}", data, _source);
        _expansion.Add($"st.shared{Whole}", _target, data);
    }

    /// <summary>Copies so many bytes, and makes the rest zero. Of more than there are the manual says nothing; here they are all.</summary>
    private void CopyFirst(Operand size)
    {
        if (size is ImmediateOperand { Value.Bits: var bits } && (uint)bits >= _bytes)
        {
            Copy();
            return;
        }

        var (few, done) = (new Label("few"), new Label("done"));
        _expansion.Branch(few, _expansion.IsBelow(size, Expansion.Number(_bytes)));
        Copy();
        _expansion.Branch(done);
        _expansion.Mark(few);
        _expansion.Add($"st.shared{Whole}", _target, Data(_ => Expansion.Number(0)));
        _expansion.Branch(done, _expansion.IsBelow(size, Expansion.Number(1)));
        CopyBytes(size);
        _expansion.Mark(done);
    }

    private void CopyBytes(Operand size)
    {
        var (target, source) = (_expansion.AddressOf(_target), _expansion.AddressOf(_source));
        // The source is aligned to the whole, however little of it is read.
        var (low, isMisaligned) = (Expansion.Register(source.Register.Type), Expansion.Register(ScalarType.Predicate));
        _expansion.Add($"and.b{source.Register.Type.Bits}", low, source, Expansion.Number(_bytes - 1));
        _expansion.Add($"setp.ne.u{source.Register.Type.Bits}", isMisaligned, low, Expansion.Number(0));
        _expansion.AddIf(isMisaligned, $"ld.global{Whole}", Data(_ => Expansion.Register(ScalarType.B32)), _source);
        var (left, value, next) = (Expansion.Register(ScalarType.U32), Expansion.Register(ScalarType.B32), new Label("next"));
        _expansion.Add("mov.b32", left, size);
        _expansion.Mark(next);
        _expansion.Add("ld.global.u8", value, new AddressOperand(source, 0));
        _expansion.Add("st.shared.u8", new AddressOperand(target, 0), value);
        foreach (var place in (RegisterOperand[])[source, target]) _expansion.Add($"add.u{place.Register.Type.Bits}", place, place, Expansion.Number(1));
        _expansion.Add("sub.u32", left, left, Expansion.Number(1));
        _expansion.Branch(next, _expansion.IsBelow(Expansion.Number(0), left));
    }

    private Operand Data(Func<int, Operand> word) =>
        _bytes == WordBytes ? word(0) : new VectorOperand([.. Enumerable.Range(0, _bytes / WordBytes).Select(word)]);
}
