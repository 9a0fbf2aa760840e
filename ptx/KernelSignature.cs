namespace Broker.Ptx;

/// <summary>Describes an entry of a module: what a launch must give it.</summary>
public sealed record KernelSignature(
    string Name,
    IReadOnlyList<KernelParameter> Parameters,
    int StaticSharedBytes,
    Dim3? MaxThreads,
    Dim3? RequiredThreads,
    int Line)
{
    /// <summary>Gets the bytes that the parameters take when each lies at its offset.</summary>
    public int PackedBytes => Parameters.Count == 0 ? 0 : Parameters[^1].Offset + Parameters[^1].Bytes;
}

/// <summary>Describes one parameter of an entry and its place among the packed parameters.</summary>
/// <param name="Type">The declared type without its dot, such as <c>u64</c>, <c>f32</c> or <c>b8[24]</c>.</param>
public sealed record KernelParameter(string Name, string Type, int Bytes, int Alignment, int Offset);
