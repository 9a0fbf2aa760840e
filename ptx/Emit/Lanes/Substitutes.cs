using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit.Lanes;

/// <summary>Lets registers be held in other locals for a while: the numbers of one lane.</summary>
internal sealed class Substitutes : IDisposable
{
    private readonly ScalarEmitter _emitter;
    private readonly IReadOnlyList<Register> _registers;

    public Substitutes(ScalarEmitter emitter, IReadOnlyList<Register> registers)
    {
        (_emitter, _registers) = (emitter, registers);
        foreach (var register in registers) emitter.Substitute(register, emitter.Borrow(emitter.RepresentationOf(register).Slot));
    }

    public void Dispose()
    {
        foreach (var register in _registers)
        {
            _emitter.GiveBack(_emitter.Local(register));
            _emitter.Substitute(register, null);
        }
    }
}
