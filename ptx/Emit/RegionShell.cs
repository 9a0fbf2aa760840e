using System.Diagnostics;
using System.Reflection.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Running;
using Label = System.Reflection.Emit.Label;

namespace Broker.Ptx.Emit;

/// <summary>Emits what the method of a region has around the code of its threads: the way in and out, the budget, and the step to the next threads.</summary>
internal sealed class RegionShell(ScalarEmitter emitter)
{
    private readonly ILGenerator _il = emitter.Il;
    private readonly List<Action> _slowPaths = [];

    /// <summary>Gets what finds out whether the threads stay together.</summary>
    public Together Together { get; } = new(emitter.Il);

    public static RegionCode Make(string name, Action<ILGenerator> emit)
    {
        var method = new DynamicMethod(name, typeof(int), [typeof(BlockState), typeof(int), typeof(int)], typeof(BlockState).Module, skipVisibility: true);
        emit(method.GetILGenerator());
        return method.CreateDelegate<RegionCode>();
    }

    /// <summary>Emits the way in, once it is known what the code uses, and everything that runs seldom.</summary>
    public void Close(Label threads)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldfld, Field(nameof(BlockState.Fuel)));
        _il.Emit(OpCodes.Stloc, emitter.Fuel);
        emitter.LoadLaunchValues();
        emitter.LoadSharedLimits();
        emitter.StartAtFirstThread();
        Together.Begin();
        _il.Emit(OpCodes.Br, threads);
        emitter.EmitSlowPaths();
        foreach (var slowPath in _slowPaths) slowPath();
        _il.MarkLabel(emitter.Fault);
        Return(() => _il.Emit(OpCodes.Ldc_I4, RegionMethod.Fault));
    }

    /// <summary>Takes a number that is pushed off the budget.</summary>
    public void TakeFuel(Action load)
    {
        _il.Emit(OpCodes.Ldloc, emitter.Fuel);
        load();
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Stloc, emitter.Fuel);
    }

    /// <summary>Leaves the loop where the budget is spent or someone wants the block to stop.</summary>
    /// <remarks>Nothing here calls out and comes back: around a call the JIT would keep every float in memory.</remarks>
    public void CheckFuel(int line)
    {
        var stop = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, emitter.Fuel);
        _il.Emit(OpCodes.Ldc_I8, 0L);
        _il.Emit(OpCodes.Blt, stop);
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Volatile);
        _il.Emit(OpCodes.Ldfld, Field(nameof(BlockState.Stop)));
        _il.Emit(OpCodes.Brtrue, stop);
        _slowPaths.Add(() =>
        {
            _il.MarkLabel(stop);
            _il.Emit(OpCodes.Ldarg_0);
            _il.Emit(OpCodes.Ldloc, emitter.Fuel);
            _il.Emit(OpCodes.Ldc_I4, line);
            emitter.Call(typeof(BlockState), nameof(BlockState.NoteStop));
            _il.Emit(OpCodes.Br, emitter.Fault);
        });
    }

    /// <summary>Notes as the current thread the one whose number is pushed.</summary>
    public void NoteThread(Action load)
    {
        _il.Emit(OpCodes.Ldarg_0);
        load();
        _il.Emit(OpCodes.Stfld, Field(nameof(BlockState.Thread)));
    }

    /// <summary>Pushes the place of the entry at which the current thread waits.</summary>
    public void LoadEntryPlace()
    {
        _il.Emit(OpCodes.Ldloc, emitter.LaunchValue(nameof(BlockState.Entries)));
        _il.Emit(OpCodes.Ldloc, emitter.Thread);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Ldc_I4, sizeof(int));
        _il.Emit(OpCodes.Mul);
        _il.Emit(OpCodes.Add);
    }

    public void Trap(Trap trap)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldc_I4, trap.Instruction.Line);
        for (var i = 0; i < trap.Instruction.Operands.Count; i++) emitter.Load(trap.Instruction, i);
        emitter.Call(typeof(BlockState), trap.Instruction.Form!.Opcode switch
        {
            SystemCalls.Overflow => nameof(BlockState.FailStack),
            SystemCalls.FailAssertion => nameof(BlockState.FailAssertion),
            SystemCalls.Nowhere => nameof(BlockState.FailCall),
            _ => nameof(BlockState.Trap),
        });
        _il.Emit(OpCodes.Br, emitter.Fault);
    }

    /// <summary>Goes on to the thread so many further on, or past the last of them.</summary>
    public void MoveOn(int threads, Label next)
    {
        Add(emitter.Thread, threads);
        if (!emitter.HasIrregularRows)
        {
            var rowEnd = _il.DefineLabel();
            Add(emitter.Position[0], threads);
            CarryOver(0, nameof(BlockState.ThreadsX), rowEnd);
            CarryOver(1, nameof(BlockState.ThreadsY), rowEnd);
            _il.MarkLabel(rowEnd);
        }

        _il.Emit(OpCodes.Ldloc, emitter.Thread);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Blt, next);
    }

    /// <summary>Leaves the method, all threads done.</summary>
    public void Return() => Return(Together.LoadPlace);

    private void Return(Action load)
    {
        _il.Emit(OpCodes.Ldarg_0);
        _il.Emit(OpCodes.Ldloc, emitter.Fuel);
        _il.Emit(OpCodes.Stfld, Field(nameof(BlockState.Fuel)));
        load();
        _il.Emit(OpCodes.Ret);
    }

    /// <summary>Carries over to the next axis where this one is at its end.</summary>
    private void CarryOver(int axis, string extent, Label done)
    {
        _il.Emit(OpCodes.Ldloc, emitter.Position[axis]);
        _il.Emit(OpCodes.Ldloc, emitter.LaunchValue(extent));
        _il.Emit(OpCodes.Blt, done);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Stloc, emitter.Position[axis]);
        Add(emitter.Position[axis + 1], 1);
    }

    private void Add(LocalBuilder local, int number)
    {
        _il.Emit(OpCodes.Ldloc, local);
        _il.Emit(OpCodes.Ldc_I4, number);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, local);
    }

    private static System.Reflection.FieldInfo Field(string name) => typeof(BlockState).GetField(name) ?? throw new UnreachableException(name);
}
