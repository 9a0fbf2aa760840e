using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Verification;

/// <summary>Checks a worker's claim that a kernel faults.</summary>
public static class FaultCheck
{
    /// <returns>Passed where the thread does what the claim says, failed where it does not.</returns>
    public static async Task<Verdict> RunAsync(JobDocument document, KernelFaultRecord claim, IReexecution reexecution, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reexecution);
        var verdict = new Verdict { Kind = VerdictKind.Passed, Blocks = new LaunchList(document).Blocks, Sampled = 0, Added = 1 };
        try
        {
            if (!await reexecution.ReproducesAsync(claim, cancellation))
                verdict = verdict with { Kind = VerdictKind.Failed, Reason = $"thread {claim.Thread} of block {claim.Block.Block} of launch {claim.Block.Launch} does not do this at PTX line {claim.Line}" };
        }
        catch (Exception e) when (e is ReexecutionException or ArgumentException)
        {
            verdict = verdict with { Kind = VerdictKind.Inconclusive, Reason = e.Message };
        }

        return verdict with { Steps = reexecution.Cost.Steps, CpuSeconds = reexecution.Cost.CpuSeconds, FetchedBytes = reexecution.Cost.InputBytes };
    }
}
