namespace Broker.Ptx.Audit;

/// <summary>Is a worker's word that a thread of a launch did wrong.</summary>
public sealed record FaultClaim(Dim3 Block, Dim3 Thread, int Line, FaultKind Kind);
