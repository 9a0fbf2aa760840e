namespace Broker.Ptx.Audit;

/// <summary>Is a buffer of an audit.</summary>
/// <param name="Address">The virtual address that a kernel is given.</param>
/// <param name="Content">What it holds before the launch; null for zeros.</param>
public sealed record AuditBuffer(string Name, ulong Address, long Bytes, bool Writable, IBufferContent? Content);
