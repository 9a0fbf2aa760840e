using Broker.Ptx.Emit;

namespace Broker.Ptx.Running;

/// <summary>Runs the blocks of a grid, in order, on as many threads as it may.</summary>
internal sealed class GridRunner(LaunchContext context, IReadOnlyList<RegionCode> codeByEntry)
{
    private readonly ulong _blocks = context.Launch.Grid.Count;
    private readonly List<(ulong Block, KernelFault Fault)> _faults = [];
    private readonly Lock _lock = new();
    private readonly LaunchOutput? _output =
        context.Options.Printed is { } printed && context.Plan.Prints ? new LaunchOutput(printed, context.Options.PrintedBytes) : null;

    private Exception? _trouble;
    private long _claimed;
    private long _completed;
    private long _reported;
    private long _steps;

    public LaunchOutcome Run()
    {
        var workers = (int)Math.Clamp((ulong)Math.Max(context.Options.MaxThreads, 1), 1, _blocks);
        using var registration = context.Cancellation.Register(context.StopUnwanted);
        var deep = DeepStack.IsNeededBy(context.Plan);
        var threads = Enumerable.Range(0, deep ? workers : workers - 1).Select(_ => new Thread(RunBlocks, deep ? DeepStack.Bytes : 0) { IsBackground = true }).ToList();
        foreach (var thread in threads) thread.Start();
        if (!deep) RunBlocks();
        foreach (var thread in threads) thread.Join();
        if (_trouble is not null) throw new InvalidOperationException("a worker thread of the launch failed", _trouble);
        _output?.Finish();
        return Outcome();
    }

    private LaunchOutcome Outcome()
    {
        var faults = _faults.Where(f => f.Fault.Kind != FaultKind.Cancelled).OrderBy(f => f.Block).ToList();
        if (faults.Count > 0) return new LaunchOutcome(LaunchStatus.Faulted, _steps, faults[0].Fault);
        if ((ulong)_completed == _blocks) return new LaunchOutcome(LaunchStatus.Completed, _steps, null);
        var where = _faults.OrderBy(f => f.Block).Select(f => f.Fault).FirstOrDefault();
        return new LaunchOutcome(LaunchStatus.Cancelled, _steps, where);
    }

    private void RunBlocks()
    {
        try
        {
            using var block = new BlockState(context);
            context.Watch(block);
            var scheduler = new BlockScheduler(block, context.Plan.Regions.Sites, codeByEntry);
            // Counted here and added up at the end: blocks may be as short as an access to what other threads count in.
            long steps = 0, done = 0;
            while (Claim() is { } index)
            {
                RunBlock(block, scheduler, index);
                steps += block.Steps;
                if (block.Fault is not null) break;
                done++;
            }

            Interlocked.Add(ref _steps, steps);
            Interlocked.Add(ref _completed, done);
        }
        catch (Exception e)
        {
            // Out of memory, or a listener that throws: it must not rise where nobody listens, so it ends the launch and rises there.
            _trouble ??= e;
            context.NoteFault(0);
        }
    }

    /// <summary>Takes the next block; null where there is none, or none that is wanted.</summary>
    private ulong? Claim()
    {
        var index = _output?.Begin(ref _claimed) ?? (ulong)Interlocked.Increment(ref _claimed) - 1;
        if (index < _blocks && !context.Stops(index)) return index;
        _output?.End(index, [], faulted: false);
        return null;
    }

    private void RunBlock(BlockState block, BlockScheduler scheduler, ulong index)
    {
        block.Begin(index);
        scheduler.Run();
        _output?.End(index, block.Printed, block.Fault is not null);
        if (block.Fault is { } fault)
        {
            lock (_lock) _faults.Add((index, fault));
            if (fault.Kind != FaultKind.Cancelled) context.NoteFault(index);
            return;
        }

        if (context.Options.BlocksDone is { } listener) listener(Interlocked.Increment(ref _reported));
    }
}
