using System.Reflection.Emit;
using Broker.Ptx.Running;

namespace Broker.Ptx.Emit;

/// <summary>Runs one region of a kernel over those threads of a range that are to enter it.</summary>
/// <param name="end">The thread after the last.</param>
/// <returns>The entry at which all threads that ran now wait, or <see cref="BlockState.Left"/>; else what <see cref="RegionMethod"/> names.</returns>
internal delegate int RegionCode(BlockState block, int first, int end);

/// <summary>Names what a region gives back that is no entry.</summary>
internal static class RegionMethod
{
    /// <summary>A thread could not go on.</summary>
    public const int Fault = -2;

    /// <summary>The threads wait at several places, or some have left.</summary>
    public const int Apart = -3;
}

/// <summary>Emits how a region finds out whether its threads stay together: all the bits of their entries are the same.</summary>
internal sealed class Together(ILGenerator il)
{
    private readonly LocalBuilder _common = il.DeclareLocal(typeof(int));
    private readonly LocalBuilder _any = il.DeclareLocal(typeof(int));

    public void Begin()
    {
        il.Emit(OpCodes.Ldc_I4_M1);
        il.Emit(OpCodes.Stloc, _common);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Stloc, _any);
    }

    public void Note(int entry)
    {
        Combine(_common, OpCodes.And, entry);
        Combine(_any, OpCodes.Or, entry);
    }

    /// <summary>Pushes where all threads are. Those that have left before are not counted.</summary>
    public void LoadPlace()
    {
        var apart = il.DefineLabel();
        var done = il.DefineLabel();
        il.Emit(OpCodes.Ldloc, _common);
        il.Emit(OpCodes.Ldloc, _any);
        il.Emit(OpCodes.Bne_Un, apart);
        il.Emit(OpCodes.Ldloc, _common);
        il.Emit(OpCodes.Br, done);
        il.MarkLabel(apart);
        il.Emit(OpCodes.Ldc_I4, RegionMethod.Apart);
        il.MarkLabel(done);
    }

    private void Combine(LocalBuilder local, OpCode opcode, int entry)
    {
        il.Emit(OpCodes.Ldloc, local);
        il.Emit(OpCodes.Ldc_I4, entry);
        il.Emit(opcode);
        il.Emit(OpCodes.Stloc, local);
    }
}
