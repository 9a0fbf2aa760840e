namespace Broker.Ptx.Audit;

/// <summary>Says how the audit of a block ended.</summary>
/// <remarks>A block is inconclusive where it ended but something of <see cref="BlockAudit.Findings"/> leaves its result open.</remarks>
public enum AuditStatus { Completed, Inconclusive, Faulted, Cancelled }

/// <summary>Is what one block did to the memory that it was given.</summary>
/// <param name="Writes">The stretches that it wrote, in the order of buffers and offsets; what it wrote so far where it did not end.</param>
/// <param name="FetchedBytes">What was read of the buffers' contents for this block, and not yet for another.</param>
public sealed record BlockAudit(
    Dim3 Block, AuditStatus Status, IReadOnlyList<BlockWrite> Writes, long Steps, KernelFault? Fault, IReadOnlyList<AuditFinding> Findings, long FetchedBytes);

/// <summary>Is a stretch of a buffer that a block wrote.</summary>
/// <param name="Unspecified">A mask of the bits that machines may leave differently, as long as <paramref name="Bytes"/>; empty where there are none.</param>
public sealed record BlockWrite(string Buffer, long Start, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Unspecified);
