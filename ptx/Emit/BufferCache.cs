using System.Reflection.Emit;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <summary>Remembers in locals the buffer that an address last fell into.</summary>
internal sealed class BufferCache(ILGenerator il, StateSpace space)
{
    private readonly Dictionary<(int Shift, long Span, bool Writes), LocalBuilder> _limits = [];

    public StateSpace Space => space;

    public LocalBuilder Start { get; } = il.DeclareLocal(typeof(long));

    public LocalBuilder Host { get; } = il.DeclareLocal(typeof(nint));

    public IReadOnlyDictionary<(int Shift, long Span, bool Writes), LocalBuilder> Limits => _limits;

    /// <summary>Gets the local that holds how far accesses of one kind may reach; it starts as zero, which lets none pass.</summary>
    public LocalBuilder Limit(int shift, long span, bool writes)
    {
        if (!_limits.TryGetValue((shift, span, writes), out var local))
            _limits[(shift, span, writes)] = local = il.DeclareLocal(typeof(long));
        return local;
    }

    /// <summary>Takes over what <see cref="BlockState.Find"/> found.</summary>
    public void Fill(ScalarEmitter emitter)
    {
        Copy(nameof(BlockState.FoundStart), Start);
        Copy(nameof(BlockState.FoundHost), Host);
        foreach (var ((shift, span, writes), local) in _limits)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, shift);
            il.Emit(OpCodes.Ldc_I8, span);
            il.Emit(writes ? OpCodes.Ldc_I4_1 : OpCodes.Ldc_I4_0);
            emitter.Call(typeof(BlockState), nameof(BlockState.FoundLimit));
            il.Emit(OpCodes.Stloc, local);
        }
    }

    private void Copy(string field, LocalBuilder local)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, typeof(BlockState).GetField(field)!);
        il.Emit(OpCodes.Stloc, local);
    }
}
