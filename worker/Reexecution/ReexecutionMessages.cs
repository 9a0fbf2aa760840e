using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Verification;

namespace Broker.Worker.Reexecution;

/// <summary>What is asked of a process that executes again, a line each: one of these.</summary>
internal sealed record ReexecutionRequest
{
    /// <summary>A block to execute alone.</summary>
    public BlockIndex? Block { get; init; }

    /// <summary>Whether races and the like are looked for while the block runs.</summary>
    public bool Tracked { get; init; }

    /// <summary>All launches are to be executed.</summary>
    public bool Whole { get; init; }

    /// <summary>A leaf to read, of what all launches left.</summary>
    public LeafPlace? Leaf { get; init; }

    /// <summary>A claim to try.</summary>
    public KernelFaultRecord? Claim { get; init; }
}

/// <summary>A leaf of a result.</summary>
internal sealed record LeafPlace(string Buffer, long Leaf);

/// <summary>What it answers, a line each.</summary>
internal sealed record ReexecutionAnswer
{
    /// <summary>What everything has taken so far.</summary>
    public required ReexecutionCost Cost { get; init; }

    /// <summary>Why it cannot be done; where this is set nothing else is.</summary>
    public string? Refusal { get; init; }

    public BlockRun? Block { get; init; }

    public WholeRun? Whole { get; init; }

    public RunLeaf? Leaf { get; init; }

    public bool? Reproduced { get; init; }
}
