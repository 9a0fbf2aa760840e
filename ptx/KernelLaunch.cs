namespace Broker.Ptx;

/// <summary>Describes a launch: the shape of its grid and the values of its parameters.</summary>
/// <param name="Parameters">Each parameter at its <see cref="KernelParameter.Offset"/>; <see cref="KernelSignature.PackedBytes"/> in all.</param>
public sealed record KernelLaunch(Dim3 Grid, Dim3 Block, int DynamicSharedBytes, ReadOnlyMemory<byte> Parameters);
