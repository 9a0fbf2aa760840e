using System.Diagnostics;
using System.Reflection.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Emit;

/// <content>Emits special registers (PTX ISA 10).</content>
internal sealed partial class ScalarEmitter
{
    private readonly Dictionary<string, LocalBuilder> _launchValues = [];
    private LocalBuilder? _thread;
    private LocalBuilder? _fuel;
    private LocalBuilder[]? _position;

    /// <summary>Gets the local that holds what is left of the step budget.</summary>
    public LocalBuilder Fuel => _fuel ??= il.DeclareLocal(typeof(long));

    /// <summary>Gets the local that holds the number of the thread in its block.</summary>
    public LocalBuilder Thread => _thread ??= il.DeclareLocal(typeof(int));

    /// <summary>Gets the locals that hold the thread's position, x first.</summary>
    public LocalBuilder[] Position => _position ??= [il.DeclareLocal(typeof(int)), il.DeclareLocal(typeof(int)), il.DeclareLocal(typeof(int))];

    /// <summary>Gets a local that holds a field of the block's state throughout.</summary>
    public LocalBuilder LaunchValue(string field)
    {
        if (!_launchValues.TryGetValue(field, out var local))
            _launchValues[field] = local = il.DeclareLocal(typeof(BlockState).GetField(field)!.FieldType);
        return local;
    }

    /// <summary>Fills the locals of <see cref="LaunchValue"/>, once it is known which are used.</summary>
    public void LoadLaunchValues()
    {
        foreach (var (field, local) in _launchValues)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, typeof(BlockState).GetField(field)!);
            il.Emit(OpCodes.Stloc, local);
        }
    }

    /// <summary>Starts at the thread that the method is given, and where it lies in the block.</summary>
    public void StartAtFirstThread()
    {
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Stloc, Thread);
        if (HasIrregularRows) return;
        var atStart = il.DefineLabel();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Brfalse, atStart);
        il.Emit(OpCodes.Ldarg_1);
        Divide(0, nameof(BlockState.ThreadsX));
        Divide(1, nameof(BlockState.ThreadsY));
        il.Emit(OpCodes.Stloc, Position[2]);
        il.MarkLabel(atStart);
    }

    /// <summary>Pops a number of threads or rows, keeps what is left over along an axis and pushes how often it was full.</summary>
    private void Divide(int axis, string extent)
    {
        var number = Borrow(Slot.I32);
        il.Emit(OpCodes.Stloc, number);
        il.Emit(OpCodes.Ldloc, number);
        il.Emit(OpCodes.Ldloc, LaunchValue(extent));
        il.Emit(OpCodes.Rem);
        il.Emit(OpCodes.Stloc, Position[axis]);
        il.Emit(OpCodes.Ldloc, number);
        il.Emit(OpCodes.Ldloc, LaunchValue(extent));
        il.Emit(OpCodes.Div);
        GiveBack(number);
    }

    private void LoadSpecial(string name)
    {
        switch (name)
        {
            case "%tid.x": LoadPosition(0); break;
            case "%tid.y": LoadPosition(1); break;
            case "%tid.z": LoadPosition(2); break;
            case "%laneid": LoadLane(); break;
            case "%warpid":
                LoadThread();
                il.Emit(OpCodes.Ldc_I4, 5);
                il.Emit(OpCodes.Shr);
                break;
            case "%lanemask_eq": LoadMask(1, 0); break;
            case "%lanemask_lt": LoadMask(1, -1); break;
            case "%lanemask_le": LoadMask(2, -1); break;
            case "%lanemask_ge": LoadMask(-1, 0); break;
            case "%lanemask_gt": LoadMask(-2, 0); break;
            case "%clock" or "%globaltimer_lo":
                LoadClock();
                il.Emit(OpCodes.Conv_I4);
                break;
            case "%clock_hi" or "%globaltimer_hi":
                LoadClock();
                il.Emit(OpCodes.Ldc_I4, 32);
                il.Emit(OpCodes.Shr_Un);
                il.Emit(OpCodes.Conv_I4);
                break;
            case "%clock64" or "%globaltimer": LoadClock(); break;
            case "%nsmid" or "%cluster_nctarank" or "%cluster_nctaid.x" or "%cluster_nctaid.y" or "%cluster_nctaid.z": il.Emit(OpCodes.Ldc_I4_1); break;
            case "%smid" or "%is_explicit_cluster" or "%cluster_ctarank" or "%cluster_ctaid.x" or "%cluster_ctaid.y" or "%cluster_ctaid.z":
                il.Emit(OpCodes.Ldc_I4_0);
                break;
            case "%gridid" or "%current_graph_exec": il.Emit(OpCodes.Ldc_I8, 0L); break;
            case var _ when SpecialRegisters.IsDriverRegister(name):
                if (SpecialRegisters.IsWide(name)) il.Emit(OpCodes.Ldc_I8, 0L);
                else il.Emit(OpCodes.Ldc_I4_0);
                break;
            default: il.Emit(OpCodes.Ldloc, LaunchValue(FieldOf(name))); break;
        }
    }

    private void LoadClock()
    {
        il.Emit(OpCodes.Ldloc, LaunchValue(nameof(BlockState.StepBudget)));
        il.Emit(OpCodes.Ldloc, Fuel);
        il.Emit(OpCodes.Sub);
    }

    /// <summary>Pushes <c>(start &lt;&lt; lane) + add</c>.</summary>
    private void LoadMask(int start, int add)
    {
        il.Emit(OpCodes.Ldc_I4, start);
        LoadLane();
        il.Emit(OpCodes.Shl);
        il.Emit(OpCodes.Ldc_I4, add);
        il.Emit(OpCodes.Add);
    }

    private void LoadLane()
    {
        LoadThread();
        il.Emit(OpCodes.Ldc_I4, SpecialRegisters.WarpSize - 1);
        il.Emit(OpCodes.And);
    }

    private static string FieldOf(string special) => special switch
    {
        "%ntid.x" => nameof(BlockState.ThreadsX),
        "%ntid.y" => nameof(BlockState.ThreadsY),
        "%ntid.z" => nameof(BlockState.ThreadsZ),
        "%ctaid.x" or "%clusterid.x" => nameof(BlockState.BlockX),
        "%ctaid.y" or "%clusterid.y" => nameof(BlockState.BlockY),
        "%ctaid.z" or "%clusterid.z" => nameof(BlockState.BlockZ),
        "%nctaid.x" or "%nclusterid.x" => nameof(BlockState.BlocksX),
        "%nctaid.y" or "%nclusterid.y" => nameof(BlockState.BlocksY),
        "%nctaid.z" or "%nclusterid.z" => nameof(BlockState.BlocksZ),
        "%nwarpid" => nameof(BlockState.Warps),
        "%dynamic_smem_size" => nameof(BlockState.DynamicSharedBytes),
        "%total_smem_size" or "%aggr_smem_size" => nameof(BlockState.TotalSharedBytes),
        _ => throw new UnreachableException(special),
    };
}
