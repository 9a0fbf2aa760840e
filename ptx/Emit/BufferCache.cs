using System.Reflection.Emit;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;
using Label = System.Reflection.Emit.Label;

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

    /// <summary>Looks an address up in the block's table of ranges and remembers what it finds.</summary>
    public void Search(ScalarEmitter emitter, LocalBuilder address, Label absent)
    {
        // Slow paths come last and have locals of their own: any borrowed one may hold a value of the place they return to.
        var (row, bytes) = (emitter.SlowRow, emitter.SlowBytes);
        if (emitter.CallsOut) CallForRow(row, address, absent);
        else FindRow(row, emitter.SlowEnd, address, absent);
        LoadColumn(row, nameof(RangeRow.Start));
        il.Emit(OpCodes.Stloc, Start);
        LoadColumn(row, nameof(RangeRow.Host));
        il.Emit(OpCodes.Stloc, Host);
        foreach (var (limit, local) in _limits)
        {
            LoadColumn(row, limit.Writes ? nameof(RangeRow.WritableBytes) : nameof(RangeRow.Bytes));
            if (emitter.CallsOut) CallForLimit(limit.Shift, limit.Span);
            else ComputeLimit(bytes, limit.Shift, limit.Span);
            il.Emit(OpCodes.Stloc, local);
        }
    }

    /// <summary>Searches without a call: around a call that comes back into a loop the JIT would keep every float in memory.</summary>
    private void FindRow(LocalBuilder row, LocalBuilder end, LocalBuilder address, Label absent)
    {
        var (first, last) = BlockState.TableOf(space);
        var (next, found) = (il.DefineLabel(), il.DefineLabel());
        LoadField(first);
        il.Emit(OpCodes.Stloc, row);
        LoadField(last);
        il.Emit(OpCodes.Stloc, end);
        il.MarkLabel(next);
        il.Emit(OpCodes.Ldloc, row);
        il.Emit(OpCodes.Ldloc, end);
        il.Emit(OpCodes.Beq, absent);
        il.Emit(OpCodes.Ldloc, address);
        LoadColumn(row, nameof(RangeRow.Start));
        il.Emit(OpCodes.Sub);
        LoadColumn(row, nameof(RangeRow.Bytes));
        il.Emit(OpCodes.Blt_Un, found);
        il.Emit(OpCodes.Ldloc, row);
        il.Emit(OpCodes.Sizeof, typeof(RangeRow));
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, row);
        il.Emit(OpCodes.Br, next);
        il.MarkLabel(found);
    }

    private void CallForRow(LocalBuilder row, LocalBuilder address, Label absent)
    {
        var (first, last) = BlockState.TableOf(space);
        LoadField(first);
        LoadField(last);
        il.Emit(OpCodes.Ldloc, address);
        il.Emit(OpCodes.Call, typeof(RangeRow).GetMethod(nameof(RangeRow.Find))!);
        il.Emit(OpCodes.Stloc, row);
        il.Emit(OpCodes.Ldloc, row);
        il.Emit(OpCodes.Brfalse, absent);
    }

    /// <summary>Computes what <see cref="BlockState.Limit"/> does.</summary>
    private void ComputeLimit(LocalBuilder bytes, int shift, long span)
    {
        var (fits, done) = (il.DefineLabel(), il.DefineLabel());
        il.Emit(OpCodes.Stloc, bytes);
        il.Emit(OpCodes.Ldloc, bytes);
        il.Emit(OpCodes.Ldc_I8, span);
        il.Emit(OpCodes.Bge_Un, fits);
        il.Emit(OpCodes.Ldc_I8, 0L);
        il.Emit(OpCodes.Br, done);
        il.MarkLabel(fits);
        il.Emit(OpCodes.Ldloc, bytes);
        il.Emit(OpCodes.Ldc_I8, span);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Ldc_I4, shift);
        il.Emit(OpCodes.Shr_Un);
        il.Emit(OpCodes.Ldc_I8, 1L);
        il.Emit(OpCodes.Add);
        il.MarkLabel(done);
    }

    private void CallForLimit(int shift, long span)
    {
        il.Emit(OpCodes.Ldc_I4, shift);
        il.Emit(OpCodes.Ldc_I8, span);
        il.Emit(OpCodes.Call, typeof(BlockState).GetMethod(nameof(BlockState.Limit))!);
    }

    private void LoadField(string field)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, typeof(BlockState).GetField(field)!);
    }

    private void LoadColumn(LocalBuilder row, string column)
    {
        il.Emit(OpCodes.Ldloc, row);
        il.Emit(OpCodes.Ldfld, typeof(RangeRow).GetField(column)!);
    }
}
