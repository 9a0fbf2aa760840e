using System.Runtime.InteropServices;

namespace Broker.Ptx.Running;

/// <summary>Is what emitted code sees of the block that it runs. Each worker has one and uses it for block after block.</summary>
/// <remarks>The fields are public for emitted code, which reads them by name.</remarks>
internal sealed unsafe class BlockState : IDisposable
{
    /// <summary>Marks in <see cref="Entries"/> a thread that has left the kernel.</summary>
    public const int Left = -1;

    // Small enough to notice a cancellation within milliseconds, large enough to cost nothing.
    private const long FuelPortion = 1 << 20;

    public readonly byte* Shared;
    public readonly byte* Parameters;
    public readonly byte* Frames;
    public readonly int* Entries;
    public readonly int Threads;
    public readonly int ThreadsX;
    public readonly int ThreadsY;
    public readonly int ThreadsZ;
    public readonly int BlocksX;
    public readonly int BlocksY;
    public readonly int BlocksZ;
    public readonly int Warps;
    public readonly int DynamicSharedBytes;
    public readonly int TotalSharedBytes;
    public int BlockX;
    public int BlockY;
    public int BlockZ;
    public int Thread;
    public long Fuel;
    public ulong FoundStart;
    public byte* FoundHost;

    private readonly byte* _local;
    private readonly LaunchContext _context;
    private readonly List<nint> _allocations = [];
    private ulong _foundBytes;
    private bool _foundWritable;
    private long _budget;
    private long _granted;
    private ulong _block;

    public BlockState(LaunchContext context)
    {
        _context = context;
        var (launch, plan) = (context.Launch, context.Plan);
        Threads = (int)launch.Block.Count;
        (ThreadsX, ThreadsY, ThreadsZ) = ((int)launch.Block.X, (int)launch.Block.Y, (int)launch.Block.Z);
        (BlocksX, BlocksY, BlocksZ) = ((int)launch.Grid.X, (int)launch.Grid.Y, (int)launch.Grid.Z);
        Warps = (Threads + 31) / 32;
        DynamicSharedBytes = launch.DynamicSharedBytes;
        TotalSharedBytes = plan.Memory.SharedBytes + launch.DynamicSharedBytes;
        Shared = Allocate(TotalSharedBytes);
        Parameters = Allocate(launch.Parameters.Length);
        launch.Parameters.Span.CopyTo(new Span<byte>(Parameters, launch.Parameters.Length));
        Frames = Allocate(plan.Regions.FrameBytes);
        Entries = (int*)Allocate(sizeof(int) * (long)Threads);
        _local = Allocate(plan.Memory.LocalBytes * (plan.HasBarriers ? (long)Threads : 1));
    }

    public KernelFault? Fault { get; private set; }

    /// <summary>Gets the instructions run since the block began.</summary>
    public long Steps => _granted - Fuel;

    public Span<int> WaitingAt => new(Entries, Threads);

    /// <summary>Makes everything as a new block finds it.</summary>
    public void Begin(ulong block)
    {
        _block = block;
        var position = _context.Launch.Grid.At(block);
        (BlockX, BlockY, BlockZ) = ((int)position.X, (int)position.Y, (int)position.Z);
        NativeMemory.Clear(Shared, (nuint)TotalSharedBytes);
        if (_context.Plan.HasBarriers)
        {
            WaitingAt.Clear();
            NativeMemory.Clear(_local, (nuint)(_context.Plan.Memory.LocalBytes * (long)Threads));
        }

        _budget = _context.Options.StepBudgetPerBlock;
        Fuel = _granted = 0;
    }

    /// <summary>Gives the memory of the current thread: of its own where it outlives a barrier, else cleared of the thread before.</summary>
    public byte* StartLocal()
    {
        var bytes = _context.Plan.Memory.LocalBytes;
        if (_context.Plan.HasBarriers) return _local + (long)bytes * Thread;
        NativeMemory.Clear(_local, (nuint)bytes);
        return _local;
    }

    /// <summary>Gives more instructions to run, or a negative number where the block must stop.</summary>
    public long Refuel(long fuel, int line)
    {
        if (_context.Stops(_block)) return Stop(fuel, FaultKind.Cancelled, line, $"cancelled at line {line}");
        var portion = Math.Min(FuelPortion, _budget - _granted);
        if (portion <= 0 || portion + fuel < 0)
            return Stop(fuel, FaultKind.StepBudget, line, $"the block ran more than {_budget} instructions; it was at line {line}");
        _granted += portion;
        return fuel + portion;
    }

    private long Stop(long fuel, FaultKind kind, int line, string message)
    {
        Report(kind, line, message);
        return Math.Min(fuel, -1);
    }

    public void Trap(int line) => Report(FaultKind.Trap, line, $"trap at line {line}");

    public void Report(FaultKind kind, int line, string message) =>
        Fault ??= new KernelFault(kind, line, _context.Launch.Grid.At(_block), _context.Launch.Block.At((ulong)Thread), message);

    /// <summary>Finds what a group of accesses touches, for emitted code to remember; false where one of them is a fault.</summary>
    /// <param name="address">The address of the group's first byte, in its state space.</param>
    public bool Find(ulong address, int groupIndex)
    {
        var group = _context.Plan.AllGroups[groupIndex];
        var bits32 = group.Base is Syntax.RegisterOperand { Register.Type.Bits: 32 };
        foreach (var site in group.Sites)
        {
            var place = address + (ulong)(site.Offset - group.First);
            if (bits32) place = (uint)place;
            var (range, fault) = _context.Memory.Find(place, site, this);
            if (fault is { } found)
            {
                Report(found.Kind, site.Line, found.Message);
                return false;
            }

            FoundHost = range.Host;
            (FoundStart, _foundBytes, _foundWritable) = (range.Start, range.Bytes, range.Writable);
        }

        return true;
    }

    public long FoundLimit(int shift, long span, bool writes) => writes && !_foundWritable ? 0 : Limit(_foundBytes, shift, span);

    public long SharedLimit(int shift, long span) => Limit((ulong)TotalSharedBytes, shift, span);

    /// <summary>Gives how many aligned places there are at which a group of accesses fits into so many bytes.</summary>
    public static long Limit(ulong bytes, int shift, long span) => bytes < (ulong)span ? 0 : (long)((bytes - (ulong)span) >> shift) + 1;

    /// <summary>Gets the ranges that lie in windows of the generic address space.</summary>
    public MemoryRange SharedRange => new("shared memory", AddressMap.SharedWindow, (ulong)TotalSharedBytes, Shared, true);

    public MemoryRange LocalRange => new("local memory", AddressMap.LocalWindow, (ulong)_context.Plan.Memory.LocalBytes, LocalOfThread, true);

    public MemoryRange ParameterRange =>
        new("the parameters", AddressMap.ParameterWindow, (ulong)_context.Launch.Parameters.Length, Parameters, false);

    private byte* LocalOfThread => _context.Plan.HasBarriers ? _local + (long)_context.Plan.Memory.LocalBytes * Thread : _local;

    public void Dispose()
    {
        foreach (var allocation in _allocations) NativeMemory.AlignedFree((void*)allocation);
        _allocations.Clear();
    }

    private byte* Allocate(long bytes)
    {
        // Sixteen more, so that there is something to point at.
        var allocation = (byte*)NativeMemory.AlignedAlloc((nuint)bytes + 16, 64);
        NativeMemory.Clear(allocation, (nuint)bytes + 16);
        _allocations.Add((nint)allocation);
        return allocation;
    }
}
