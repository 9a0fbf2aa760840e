using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx.Audit;

namespace Broker.Verification;

/// <summary>Executes parts of a job again, on a machine that is trusted.</summary>
/// <remarks>For one caller at a time.</remarks>
public interface IReexecution
{
    /// <summary>What it has taken so far.</summary>
    ReexecutionCost Cost { get; }

    /// <summary>Executes blocks of a job with one launch, each alone.</summary>
    /// <param name="blocks">Which.</param>
    /// <param name="tracked">Whether races, uninitialised reads and divisions by zero are looked for, thread after thread.</param>
    /// <param name="cancellation">Ends the work with an exception.</param>
    /// <returns>One result a block, in the same order.</returns>
    /// <exception cref="ReexecutionException">It cannot be executed here.</exception>
    Task<IReadOnlyList<BlockRun>> RunBlocksAsync(IReadOnlyList<BlockIndex> blocks, bool tracked, CancellationToken cancellation);

    /// <summary>Executes all launches, and keeps what they leave in the results.</summary>
    /// <exception cref="ReexecutionException">It cannot be executed here.</exception>
    Task<WholeRun> RunAllAsync(CancellationToken cancellation);

    /// <summary>A leaf of a result as <see cref="RunAllAsync"/> left it.</summary>
    Task<RunLeaf> ReadLeafAsync(string buffer, long leaf, CancellationToken cancellation);

    /// <summary>Whether a thread does what a claim says of it.</summary>
    /// <exception cref="ReexecutionException">It cannot be executed here.</exception>
    Task<bool> ReproducesAsync(KernelFaultRecord claim, CancellationToken cancellation);
}

/// <summary>What executing again has taken.</summary>
/// <param name="CpuSeconds">Time of a core.</param>
/// <param name="InputBytes">Bytes of inputs that it looked at.</param>
/// <param name="Steps">PTX instructions.</param>
public readonly record struct ReexecutionCost(double CpuSeconds, long InputBytes, long Steps);

/// <summary>What one block did when it was executed again.</summary>
/// <param name="Block">Which block.</param>
/// <param name="Problem">Why its result is open, in words: a fault, a race, bits that machines leave differently. Null where it is not.</param>
/// <param name="Writes">The stretches of buffers that it wrote, in order.</param>
public sealed record BlockRun(BlockIndex Block, string? Problem, IReadOnlyList<BlockWrite> Writes);

/// <summary>What a whole job left when it was executed again.</summary>
/// <param name="Problem">Why its result is open; null where it is not.</param>
/// <param name="Leaves">The leaves of each result, in the order of the document; none where there is a problem.</param>
public sealed record WholeRun(string? Problem, IReadOnlyList<IReadOnlyList<Digest>> Leaves);

/// <summary>A leaf of a result.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Unspecified">A mask of the bits that machines may leave differently; empty where there are none.</param>
public sealed record RunLeaf(ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Unspecified);

/// <summary>Something cannot be executed again: it takes more than it may, or it is not supported here.</summary>
public sealed class ReexecutionException : Exception
{
    public ReexecutionException(string message)
        : base(message)
    {
    }

    public ReexecutionException(string message, Exception cause)
        : base(message, cause)
    {
    }

    public ReexecutionException()
    {
    }
}
