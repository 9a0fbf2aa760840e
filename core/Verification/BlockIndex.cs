using System.Collections.Immutable;
using Broker.Core.Jobs;

namespace Broker.Core.Verification;

/// <summary>Names one execution of one block of a job.</summary>
/// <param name="Launch">Which launch, from 0: each repetition of a step is one.</param>
/// <param name="Block">The block's place in its grid: <c>x + X * (y + Y * z)</c>.</param>
public readonly record struct BlockIndex(int Launch, long Block);

/// <summary>The launches of a job in their order, and all their blocks in a row.</summary>
public sealed class LaunchList
{
    private readonly ImmutableArray<StepSpec> _steps;
    private readonly ImmutableArray<int> _firstLaunch;
    private readonly ImmutableArray<long> _firstBlock;

    public LaunchList(JobDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        _steps = document.Steps;
        var (launches, blocks) = (ImmutableArray.CreateBuilder<int>(), ImmutableArray.CreateBuilder<long>());
        foreach (var step in _steps)
        {
            launches.Add(Count);
            blocks.Add(Blocks);
            Count = checked(Count + step.Repeat);
            Blocks = checked(Blocks + (step.Grid.Count * step.Repeat));
        }

        (_firstLaunch, _firstBlock) = (launches.ToImmutable(), blocks.ToImmutable());
    }

    /// <summary>How many launches there are.</summary>
    public int Count { get; }

    /// <summary>The block executions of all launches.</summary>
    public long Blocks { get; }

    /// <summary>The step that a launch belongs to.</summary>
    public StepSpec StepOf(int launch) => _steps[StepIndexOf(launch)];

    public int StepIndexOf(int launch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)launch, (uint)Count, nameof(launch));
        return Last(_firstLaunch, first => first <= launch);
    }

    /// <summary>The block execution at a place in the row.</summary>
    public BlockIndex At(long place)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)place, (ulong)Blocks, nameof(place));
        var step = Last(_firstBlock, first => first <= place);
        var (launch, block) = Math.DivRem(place - _firstBlock[step], _steps[step].Grid.Count);
        return new BlockIndex(_firstLaunch[step] + (int)launch, block);
    }

    /// <summary>Where a block execution stands in the row.</summary>
    public long PlaceOf(BlockIndex index)
    {
        var step = StepIndexOf(index.Launch);
        return _firstBlock[step] + ((index.Launch - _firstLaunch[step]) * _steps[step].Grid.Count) + index.Block;
    }

    private static int Last<T>(ImmutableArray<T> firsts, Func<T, bool> isBefore)
    {
        var last = firsts.Length - 1;
        while (!isBefore(firsts[last])) last--;
        return last;
    }
}
