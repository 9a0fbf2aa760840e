using System.Diagnostics;
using Broker.Cli.Output;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Verification;

namespace Broker.Cli.Receipts;

/// <summary>Tells now and then how many blocks have been executed again.</summary>
internal sealed class ToldReexecution(IReexecution reexecution, Terminal terminal) : IReexecution
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private long _done;

    public ReexecutionCost Cost => reexecution.Cost;

    public async Task<IReadOnlyList<BlockRun>> RunBlocksAsync(IReadOnlyList<BlockIndex> blocks, bool tracked, CancellationToken cancellation)
    {
        var runs = await reexecution.RunBlocksAsync(blocks, tracked, cancellation);
        _done += runs.Count;
        if (_clock.Elapsed >= Interval)
        {
            _clock.Restart();
            terminal.Note($"  {VerdictWords.Number(_done)} blocks are done");
        }

        return runs;
    }

    public Task<WholeRun> RunAllAsync(CancellationToken cancellation) => reexecution.RunAllAsync(cancellation);

    public Task<RunLeaf> ReadLeafAsync(string buffer, long leaf, CancellationToken cancellation) => reexecution.ReadLeafAsync(buffer, leaf, cancellation);

    public Task<bool> ReproducesAsync(KernelFaultRecord claim, CancellationToken cancellation) => reexecution.ReproducesAsync(claim, cancellation);
}
