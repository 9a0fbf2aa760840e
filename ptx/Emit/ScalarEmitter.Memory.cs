using System.Numerics;
using System.Reflection.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;
using Label = System.Reflection.Emit.Label;

namespace Broker.Ptx.Emit;

/// <content>Emits checked addresses.</content>
internal sealed partial class ScalarEmitter
{
    private const int MaxBufferCaches = 24;
    private const int MaxInlineSearches = 512;

    private readonly Dictionary<object, BufferCache> _caches = [];
    private readonly Dictionary<(int Shift, long Span), LocalBuilder> _sharedLimits = [];
    private readonly List<Action> _slowPaths = [];
    private readonly Dictionary<AccessGroup, LocalBuilder> _places = [];
    private LocalBuilder? _localMemory;

    /// <summary>Gets whether slow paths call functions: for so many of them code without calls would take too long to compile.</summary>
    public bool CallsOut => plan.AllGroups.Count > MaxInlineSearches;

    public LocalBuilder SlowRow { get; } = il.DeclareLocal(typeof(nint));

    public LocalBuilder SlowEnd { get; } = il.DeclareLocal(typeof(nint));

    public LocalBuilder SlowBytes { get; } = il.DeclareLocal(typeof(long));

    /// <summary>Gets where a thread goes that must not run on.</summary>
    public Label Fault { get; } = il.DefineLabel();

    /// <summary>Gets the local that holds where this thread's local memory lies.</summary>
    public LocalBuilder LocalMemory => _localMemory ??= il.DeclareLocal(typeof(nint));

    /// <summary>Pushes where in this process the memory of an access lies; a fault leaves the thread instead.</summary>
    public void LoadHostAddress(Instruction instruction, AddressOperand place)
    {
        LoadPlace(instruction, place);
        plan.Marks?.MarkAccess(this, instruction);
    }

    private void LoadPlace(Instruction instruction, AddressOperand place)
    {
        var group = plan.Groups[instruction];
        if (place.Base is SymbolOperand symbol && plan.Memory.Places.TryGetValue(symbol.Variable, out var home) && IsWithin(symbol.Variable, place, group))
        {
            LoadKnown(home.Space, home.Offset + place.Offset);
            return;
        }

        if (!_places.TryGetValue(group, out var host))
        {
            LoadChecked(group);
            if (group.Sites.Count == 1) return;
            // Later accesses of the group lie at a fixed distance, already checked.
            _places[group] = host = Borrow(typeof(nint));
            il.Emit(OpCodes.Stloc, host);
        }

        il.Emit(OpCodes.Ldloc, host);
        if (place.Offset == group.First) return;
        il.Emit(OpCodes.Ldc_I4, (int)(place.Offset - group.First));
        il.Emit(OpCodes.Add);
    }

    /// <summary>Forgets what was checked: groups end with their block.</summary>
    public void EndBlock()
    {
        foreach (var host in _places.Values) GiveBack(host);
        _places.Clear();
    }

    /// <summary>Emits what runs seldom, out of the way of what runs often.</summary>
    public void EmitSlowPaths()
    {
        foreach (var slowPath in _slowPaths) slowPath();
    }

    /// <summary>Forgets the buffers of generic addresses, which may be a thread's local memory.</summary>
    public void ForgetGenericBuffers()
    {
        foreach (var limit in _caches.Values.Where(c => c.Space == StateSpace.Generic).SelectMany(c => c.Limits.Values))
        {
            il.Emit(OpCodes.Ldc_I8, 0L);
            il.Emit(OpCodes.Stloc, limit);
        }
    }

    /// <summary>Computes how far accesses of shared memory may reach, once it is known which there are.</summary>
    public void LoadSharedLimits()
    {
        foreach (var ((shift, span), local) in _sharedLimits)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, shift);
            il.Emit(OpCodes.Ldc_I8, span);
            Call(typeof(BlockState), nameof(BlockState.SharedLimit));
            il.Emit(OpCodes.Stloc, local);
        }
    }

    public void Call(Type type, string method) => il.Emit(OpCodes.Call, type.GetMethod(method)!);

    private static bool IsWithin(Variable variable, AddressOperand place, AccessGroup group) =>
        !variable.IsExtern
            && place.Offset >= 0
            && place.Offset + group.AccessBytes <= variable.Bytes
            && (place.Offset & (group.AccessBytes - 1)) == 0
            && (variable.Alignment >= group.AccessBytes || variable.Space == StateSpace.Parameter);

    private void LoadKnown(StateSpace space, long offset)
    {
        il.Emit(OpCodes.Ldloc, space switch
        {
            StateSpace.Shared => LaunchValue(nameof(BlockState.Shared)),
            StateSpace.Local => LocalMemory,
            _ => LaunchValue(nameof(BlockState.Parameters)),
        });
        il.Emit(OpCodes.Ldc_I4, (int)offset);
        il.Emit(OpCodes.Add);
    }

    private void LoadChecked(AccessGroup group)
    {
        var shift = BitOperations.Log2((uint)group.AccessBytes);
        var space = group.Space;
        var address = Borrow(Slot.I64);
        LoadVirtualAddress(group);
        il.Emit(OpCodes.Stloc, address);
        if (space is StateSpace.Shared or StateSpace.Local)
        {
            LoadRotated(address, shift);
            if (space == StateSpace.Shared) il.Emit(OpCodes.Ldloc, SharedLimit(shift, group.Span));
            else il.Emit(OpCodes.Ldc_I8, (long)BlockState.Limit((ulong)plan.Memory.LocalBytes, shift, group.Span));
            BranchToFault(group, address);
            il.Emit(OpCodes.Ldloc, space == StateSpace.Shared ? LaunchValue(nameof(BlockState.Shared)) : LocalMemory);
            il.Emit(OpCodes.Ldloc, address);
        }
        else
        {
            var cache = CacheOf(group);
            var distance = Borrow(Slot.I64);
            LoadDistance(cache, address, distance);
            LoadRotated(distance, shift);
            il.Emit(OpCodes.Ldloc, cache.Limit(shift, group.Span, group.Writes));
            var known = BranchToSearch(group, cache, address, distance);
            il.MarkLabel(known);
            il.Emit(OpCodes.Ldloc, cache.Host);
            il.Emit(OpCodes.Ldloc, distance);
            GiveBack(distance);
        }

        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        GiveBack(address);
    }

    /// <summary>Pushes the address of the first access of a group, in its state space.</summary>
    private void LoadVirtualAddress(AccessGroup group)
    {
        switch (group.Base)
        {
            case RegisterOperand { Register: var register }:
                Load(group.Base, new ScalarType(TypeClass.Unsigned, register.Type.Bits), true);
                if (register.Type.Bits == 32)
                {
                    // Addresses of 32 bits wrap before they are widened.
                    il.Emit(OpCodes.Ldc_I4, (int)group.First);
                    il.Emit(OpCodes.Add);
                    il.Emit(OpCodes.Conv_U8);
                    return;
                }

                if (group.First == 0) return;
                il.Emit(OpCodes.Ldc_I8, group.First);
                il.Emit(OpCodes.Add);
                break;
            case SymbolOperand symbol: il.Emit(OpCodes.Ldc_I8, (long)AddressOf(symbol.Variable) + group.First); break;
            case ImmediateOperand immediate: il.Emit(OpCodes.Ldc_I8, (long)immediate.Value.Bits + group.First); break;
        }
    }

    /// <summary>Rotates the low bits of a misaligned address to the top, so that one comparison finds it out of bounds.</summary>
    private void LoadRotated(LocalBuilder local, int shift)
    {
        il.Emit(OpCodes.Ldloc, local);
        if (shift == 0) return;
        il.Emit(OpCodes.Ldc_I4, shift);
        il.Emit(OpCodes.Shr_Un);
        il.Emit(OpCodes.Ldloc, local);
        il.Emit(OpCodes.Ldc_I4, 64 - shift);
        il.Emit(OpCodes.Shl);
        il.Emit(OpCodes.Or);
    }

    private void LoadDistance(BufferCache cache, LocalBuilder address, LocalBuilder distance)
    {
        il.Emit(OpCodes.Ldloc, address);
        il.Emit(OpCodes.Ldloc, cache.Start);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Stloc, distance);
    }

    private void BranchToFault(AccessGroup group, LocalBuilder address)
    {
        var fault = il.DefineLabel();
        var lanes = Turn is null ? RunningLanes : null;
        il.Emit(OpCodes.Bge_Un, fault);
        _slowPaths.Add(() => EmitFault(fault, group, address, lanes));
    }

    private void EmitFault(Label fault, AccessGroup group, LocalBuilder address, LocalBuilder? lanes)
    {
        il.MarkLabel(fault);
        if (lanes is not null) NoteFirstLane(lanes);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloc, address);
        il.Emit(OpCodes.Ldc_I4, group.Index);
        Call(typeof(BlockState), nameof(BlockState.NoteAccessFault));
        il.Emit(OpCodes.Br, Fault);
    }

    private Label BranchToSearch(AccessGroup group, BufferCache cache, LocalBuilder address, LocalBuilder distance)
    {
        var (slow, known, fault) = (il.DefineLabel(), il.DefineLabel(), il.DefineLabel());
        var shift = BitOperations.Log2((uint)group.AccessBytes);
        var lanes = Turn is null ? RunningLanes : null;
        il.Emit(OpCodes.Bge_Un, slow);
        _slowPaths.Add(() =>
        {
            il.MarkLabel(slow);
            cache.Search(this, address, fault);
            LoadDistance(cache, address, distance);
            LoadRotated(distance, shift);
            il.Emit(OpCodes.Ldloc, cache.Limit(shift, group.Span, group.Writes));
            il.Emit(OpCodes.Blt_Un, known);
            EmitFault(fault, group, address, lanes);
        });
        return known;
    }

    private LocalBuilder SharedLimit(int shift, long span)
    {
        if (!_sharedLimits.TryGetValue((shift, span), out var local)) _sharedLimits[(shift, span)] = local = il.DeclareLocal(typeof(long));
        return local;
    }

    private BufferCache CacheOf(AccessGroup group)
    {
        var space = group.Space;
        object root = group.Base switch
        {
            RegisterOperand register => plan.Roots.GetValueOrDefault(register.Register, register.Register),
            SymbolOperand symbol => symbol.Variable,
            _ => "",
        };
        // Past some number the caches would cost more than they save, so others share the last.
        if (_caches.Count >= MaxBufferCaches && !_caches.ContainsKey((root, space))) root = "";
        if (!_caches.TryGetValue((root, space), out var cache)) _caches[(root, space)] = cache = new BufferCache(il, space);
        return cache;
    }
}
