using System.Numerics;
using System.Reflection.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <content>Serves threads that run as the lanes of a vector.</content>
internal sealed partial class ScalarEmitter
{
    private readonly Dictionary<Register, LocalBuilder> _substitutes = [];
    private LocalBuilder? _laneDistance;

    private LocalBuilder LaneDistance => _laneDistance ??= il.DeclareLocal(typeof(long));

    /// <summary>Gets or sets the local with the number of the lane for which code is being emitted; null where that is the first.</summary>
    public LocalBuilder? Turn { get; set; }

    /// <summary>Gets or sets the local with the lanes that run; null where all do, or where threads run one by one.</summary>
    public LocalBuilder? RunningLanes { get; set; }

    /// <summary>Gets whether threads lie in rows that vectors do not fit into, so that each has to find its own position.</summary>
    public bool HasIrregularRows { get; init; }

    /// <summary>Holds a register in another local, or again in its own.</summary>
    public void Substitute(Register register, LocalBuilder? local)
    {
        if (local is null) _substitutes.Remove(register);
        else _substitutes[register] = local;
    }

    /// <summary>Pushes an operand whose bits do not count: any NaN will do.</summary>
    public void LoadFree(Operand operand, ScalarType type) => Load(operand, type, false);

    /// <summary>Pushes where in this process the first lane's place lies; the other lanes' lie behind it, side by side.</summary>
    /// <param name="bits">The local with the lanes that run; null where all do.</param>
    public void LoadHostAddresses(AccessGroup group, AddressOperand place, LocalBuilder? bits, int lanes)
    {
        if (!_places.TryGetValue(group, out var host))
        {
            _places[group] = host = Borrow(typeof(nint));
            LoadCheckedLanes(group, bits, lanes);
            il.Emit(OpCodes.Stloc, host);
        }

        il.Emit(OpCodes.Ldloc, host);
        if (place.Offset == group.First) return;
        il.Emit(OpCodes.Ldc_I4, (int)(place.Offset - group.First));
        il.Emit(OpCodes.Add);
    }

    /// <summary>Pushes where the memory starts in which the places of a group were last found.</summary>
    public void LoadStart(AccessGroup group)
    {
        if (group.Space == StateSpace.Shared) il.Emit(OpCodes.Ldc_I8, 0L);
        else il.Emit(OpCodes.Ldloc, CacheOf(group).Start);
    }

    /// <summary>Pushes where in this process that memory lies.</summary>
    public void LoadHost(AccessGroup group) =>
        il.Emit(OpCodes.Ldloc, group.Space == StateSpace.Shared ? LaunchValue(nameof(BlockState.Shared)) : CacheOf(group).Host);

    /// <summary>Pushes how many aligned places it has for a group.</summary>
    public void LoadLimit(AccessGroup group, int shift) =>
        il.Emit(OpCodes.Ldloc, group.Space == StateSpace.Shared ? SharedLimit(shift, group.Span) : CacheOf(group).Limit(shift, group.Span, group.Writes));

    private void LoadCheckedLanes(AccessGroup group, LocalBuilder? bits, int lanes)
    {
        var shift = BitOperations.Log2((uint)group.AccessBytes);
        var (address, first, last) = (Borrow(Slot.I64), Borrow(Slot.I64), Borrow(Slot.I64));
        LoadVirtualAddress(group);
        // A first lane that rests may lie before the start of its space, so what has 32 bits is taken as signed there.
        if (Is32(group)) il.Emit(OpCodes.Conv_I4);
        if (Is32(group)) il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Stloc, address);
        LoadLane(group, address, bits is null ? null : () => LoadFirst(bits));
        il.Emit(OpCodes.Stloc, first);
        if (bits is not null)
        {
            LoadLane(group, address, () => LoadLast(bits));
            il.Emit(OpCodes.Stloc, last);
        }

        // Where all lanes run, they are one long access.
        var span = bits is null ? group.Span + (lanes - 1) * group.AccessBytes : group.Span;
        LocalBuilder[] ends = bits is null ? [first] : [first, last];
        var (slow, known, fault) = (il.DefineLabel(), il.DefineLabel(), il.DefineLabel());
        if (group.Space == StateSpace.Shared)
        {
            Compare(null, SharedLimit(shift, span), OpCodes.Bge_Un, fault);
            _slowPaths.Add(Fail);
            il.Emit(OpCodes.Ldloc, LaunchValue(nameof(BlockState.Shared)));
            il.Emit(OpCodes.Ldloc, address);
        }
        else
        {
            var cache = CacheOf(group);
            Compare(cache, cache.Limit(shift, span, group.Writes), OpCodes.Bge_Un, slow);
            _slowPaths.Add(() =>
            {
                il.MarkLabel(slow);
                cache.Search(this, first, fault);
                Compare(cache, cache.Limit(shift, span, group.Writes), OpCodes.Bge_Un, fault);
                il.Emit(OpCodes.Br, known);
                Fail();
            });
            il.MarkLabel(known);
            il.Emit(OpCodes.Ldloc, cache.Host);
            il.Emit(OpCodes.Ldloc, address);
            il.Emit(OpCodes.Ldloc, cache.Start);
            il.Emit(OpCodes.Sub);
        }

        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        // The slow path still reads them, and comes back to where they count no more.
        GiveBack(address, first, last);

        void Compare(BufferCache? cache, LocalBuilder limit, OpCode branch, System.Reflection.Emit.Label target)
        {
            foreach (var end in ends)
            {
                var distance = end;
                if (cache is not null)
                {
                    // The slow path compares too, so this may not be a borrowed one.
                    distance = LaneDistance;
                    LoadDistance(cache, end, distance);
                }

                LoadRotated(distance, shift);
                il.Emit(OpCodes.Ldloc, limit);
                il.Emit(branch, target);
            }
        }

        void Fail()
        {
            il.MarkLabel(fault);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldloc, Thread);
            il.Emit(OpCodes.Ldloc, address);
            if (bits is null) il.Emit(OpCodes.Ldc_I4, (1 << lanes) - 1);
            else il.Emit(OpCodes.Ldloc, bits);
            il.Emit(OpCodes.Ldc_I4, group.Index);
            Call(typeof(BlockState), nameof(BlockState.NoteLaneFault));
            il.Emit(OpCodes.Br, Fault);
        }
    }

    /// <summary>Pushes the address of a lane's first access.</summary>
    private void LoadLane(AccessGroup group, LocalBuilder address, Action? lane)
    {
        il.Emit(OpCodes.Ldloc, address);
        if (lane is null && !Is32(group)) return;
        if (lane is null) il.Emit(OpCodes.Ldc_I8, 0L);
        else
        {
            lane();
            il.Emit(OpCodes.Conv_I8);
            il.Emit(OpCodes.Ldc_I4, BitOperations.Log2((uint)group.AccessBytes));
            il.Emit(OpCodes.Shl);
        }

        il.Emit(OpCodes.Add);
        if (Is32(group)) il.Emit(OpCodes.Conv_U4);
        if (Is32(group)) il.Emit(OpCodes.Conv_U8);
    }

    private static bool Is32(AccessGroup group) => group.Base is RegisterOperand { Register.Type.Bits: 32 };

    private void LoadFirst(LocalBuilder bits)
    {
        il.Emit(OpCodes.Ldloc, bits);
        il.Emit(OpCodes.Call, ((Func<int, int>)BitOperations.TrailingZeroCount).Method);
    }

    private void LoadLast(LocalBuilder bits)
    {
        il.Emit(OpCodes.Ldloc, bits);
        il.Emit(OpCodes.Call, ((Func<uint, int>)BitOperations.Log2).Method);
    }

    /// <summary>Notes the first of the lanes that run as the thread whose fault it is.</summary>
    private void NoteFirstLane(LocalBuilder bits)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloc, Thread);
        LoadFirst(bits);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stfld, typeof(BlockState).GetField(nameof(BlockState.Thread))!);
    }

    /// <summary>Pushes a lane's place in its row.</summary>
    private void LoadPosition(int axis)
    {
        if (Turn is null || (!HasIrregularRows && axis > 0))
        {
            il.Emit(OpCodes.Ldloc, Position[axis]);
            return;
        }

        if (!HasIrregularRows)
        {
            il.Emit(OpCodes.Ldloc, Position[0]);
            il.Emit(OpCodes.Ldloc, Turn);
            il.Emit(OpCodes.Add);
            return;
        }

        LoadThread();
        foreach (var extent in axis switch { 0 => (string[])[], 1 => [nameof(BlockState.ThreadsX)], _ => [nameof(BlockState.ThreadsX), nameof(BlockState.ThreadsY)] })
        {
            il.Emit(OpCodes.Ldloc, LaunchValue(extent));
            il.Emit(OpCodes.Div_Un);
        }

        if (axis == 2) return;
        il.Emit(OpCodes.Ldloc, LaunchValue(axis == 0 ? nameof(BlockState.ThreadsX) : nameof(BlockState.ThreadsY)));
        il.Emit(OpCodes.Rem_Un);
    }

    /// <summary>Pushes the number of the thread, of the lane that has its turn.</summary>
    private void LoadThread()
    {
        il.Emit(OpCodes.Ldloc, Thread);
        if (Turn is null) return;
        il.Emit(OpCodes.Ldloc, Turn);
        il.Emit(OpCodes.Add);
    }
}
