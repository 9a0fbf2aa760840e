using Broker.Ptx;

namespace Broker.Bench.Kernels;

/// <summary>Is a kernel at a size, with its inputs: what the engine, the native lowering and a peer run alike.</summary>
/// <param name="Name">The file in <c>kernels/</c> and in <c>bench/native/</c>, without its extension.</param>
/// <param name="Work">How much one run does, in units of 1e9.</param>
/// <param name="Unit">What is counted: flops, elements.</param>
/// <param name="Steps">The launches of one run, in order.</param>
internal sealed record KernelCase(string Name, double Work, string Unit, IReadOnlyList<KernelStep> Steps)
{
    /// <summary>The arguments of the native function; where it does not say, those of the first launch.</summary>
    public IReadOnlyList<object> NativeArguments { get; init; } = Steps[0].Arguments;

    public IEnumerable<BufferData> Buffers => Steps.SelectMany(step => step.Arguments).OfType<BufferData>().Distinct();

    public IEnumerable<KernelStep> FirstOfEachEntry => Steps.DistinctBy(step => step.Entry);
}

/// <summary>Is one launch. An argument is a <see cref="BufferData"/>, or a number.</summary>
internal sealed record KernelStep(string Entry, Dim3 Grid, Dim3 Block, params object[] Arguments)
{
    /// <summary>The arguments of a short launch of one block that still reaches all of the kernel's code: what compiles it.</summary>
    public IReadOnlyList<object> ShortArguments { get; init; } = Arguments;

    public static Dim3 Size(int x, int y = 1, int z = 1) => new((uint)x, (uint)y, (uint)z);
}
