using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Says roughly what a launch does and needs, as if every branch were taken.</summary>
/// <param name="Registers">Registers of 32 bits that a thread holds at once where blocks of code begin; a GPU's compiler may need more or fewer.</param>
/// <param name="Operations">Instructions of all threads.</param>
/// <param name="GlobalBytes">Bytes that all threads load from buffers and store to them, each access counted.</param>
/// <param name="IsBound">Whether every loop's length is known; else each that is not counts as one round.</param>
public sealed record KernelEstimate(int Registers, int SharedBytes, double Operations, double GlobalBytes, bool IsBound)
{
    /// <exception cref="PtxException">The module has what <see cref="Module.CheckSupported"/> lists.</exception>
    /// <exception cref="ArgumentException">The module has no such kernel, or the launch does not fit it.</exception>
    public static KernelEstimate Of(Module module, string entry, KernelLaunch launch, IReadOnlyList<LaunchPointer> pointers)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(launch);
        var plan = module.PlanOf(entry);
        if (LaunchLimits.Check(module.Kernels.First(k => k.Name == entry), launch) is { } refusal) throw new ArgumentException(refusal, nameof(launch));
        var graph = FlowGraph.Whole(plan.Blocks);
        var values = graph.IsKnotted() ? null : FindAffineValues.Run(plan, BuildSsa.Run(graph, plan.Live, plan.Carry), FindPointers.Run(plan, pointers), launch);
        double threads = (double)launch.Grid.Count * launch.Block.Count;
        var (operations, bytes, known) = (0.0, 0.0, true);
        for (var block = 0; block < graph.Blocks.Count; block++)
        {
            var (times, isKnown) = values?.TimesOf(block) ?? (1, false);
            known &= isKnown;
            operations += times * graph.Blocks[block].Weight;
            bytes += times * graph.Blocks[block].Instructions.Where(i => IsGlobal(plan, i)).Sum(i => MemoryAccess.Of(i).Bytes);
        }

        return new KernelEstimate(MostRegisters(plan, graph), plan.Memory.SharedBytes + launch.DynamicSharedBytes, operations * threads, bytes * threads, known);
    }

    private static bool IsGlobal(KernelPlan plan, Instruction instruction) =>
        plan.Groups.TryGetValue(instruction, out var group) && group.Space is StateSpace.Global or StateSpace.Generic && MemoryAccess.SpaceOf(instruction) != StateSpace.Parameter;

    private static int MostRegisters(KernelPlan plan, FlowGraph graph)
    {
        var registers = plan.Blocks.SelectMany(b => b.Instructions.SelectMany(In).Concat(Passes.Registers.ReadBy(b.End))).Distinct().Where(r => r.Type != ScalarType.Predicate).ToList();
        return graph.Blocks.Max(b => registers.Where(r => plan.Live.IsLive(b, r)).Sum(r => (r.Type.Bits + 31) / 32));

        static IEnumerable<Register> In(Instruction instruction) => Passes.Registers.ReadBy(instruction).Concat(Passes.Registers.WrittenBy(instruction));
    }
}
