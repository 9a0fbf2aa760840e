using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using Broker.Ptx.Arithmetic;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Running;

/// <summary>Is what emitted code sees of the block that it runs. Each worker has one and uses it for block after block.</summary>
/// <remarks>The fields are public for emitted code, which reads them by name.</remarks>
internal sealed unsafe partial class BlockState : IDisposable
{
    /// <summary>Marks in <see cref="Entries"/> a thread that has left the kernel.</summary>
    public const int Left = -1;

    /// <summary>Bounds what one instruction lays out: two cache lines for each of its registers.</summary>
    public const int ScratchBytes = 64 * 128;

    public readonly byte* Shared;
    public readonly byte* Parameters;
    public readonly byte* Frames;

    /// <summary>Is where the lanes of a vector lay out their numbers to take turns.</summary>
    public readonly byte* Scratch;
    public readonly int* Entries;

    /// <summary>Is where threads meet; <see cref="ExchangeSlots"/> says what lies where.</summary>
    public readonly byte* Exchange;
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
    public readonly long StepBudget;

    /// <summary>Is the table of what can be reached: constants, then buffers and global variables, then the windows.</summary>
    public readonly RangeRow* Ranges;
    public readonly RangeRow* GlobalRanges;
    public readonly RangeRow* WindowRanges;
    public readonly RangeRow* RangesEnd;
    public int BlockX;
    public int BlockY;
    public int BlockZ;
    public int Thread;

    /// <summary>Holds what is left of the step budget.</summary>
    public long Fuel;

    /// <summary>Is not zero once the block is to stop. Emitted code looks at it wherever it may come around again.</summary>
    public int Stop;

    /// <summary>Is what <see cref="Print"/> gives where the thread must not run on.</summary>
    public const int PrintFailed = int.MinValue;

    private readonly BlockPrinter _printer;
    private readonly byte* _local;
    private readonly LaunchContext _context;
    private readonly bool _hasBarriers;
    private readonly List<nint> _allocations = [];
    private ulong _block;

    public BlockState(LaunchContext context)
    {
        _context = context;
        var (launch, plan) = (context.Launch, context.Plan);
        _hasBarriers = plan.HasBarriers;
        Threads = (int)launch.Block.Count;
        (ThreadsX, ThreadsY, ThreadsZ) = ((int)launch.Block.X, (int)launch.Block.Y, (int)launch.Block.Z);
        (BlocksX, BlocksY, BlocksZ) = ((int)launch.Grid.X, (int)launch.Grid.Y, (int)launch.Grid.Z);
        Warps = (Threads + 31) / 32;
        DynamicSharedBytes = launch.DynamicSharedBytes;
        StepBudget = context.Options.StepBudgetPerBlock;
        TotalSharedBytes = plan.Memory.SharedBytes + launch.DynamicSharedBytes;
        Shared = Allocate(TotalSharedBytes);
        Parameters = Allocate(launch.Parameters.Length);
        launch.Parameters.Span.CopyTo(new Span<byte>(Parameters, launch.Parameters.Length));
        Frames = Allocate(plan.Regions.FrameBytes);
        // Warps are whole: the lanes that the last one lacks have left.
        Entries = (int*)Allocate(sizeof(int) * (long)Warps * WarpLanes.Count);
        new Span<int>(Entries, Warps * WarpLanes.Count).Fill(Left);
        Exchange = Allocate(plan.HasBarriers ? ExchangeSlots.Bytes : 0);
        Scratch = Allocate(ScratchBytes);
        _local = Allocate(plan.Memory.LocalBytes * (plan.HasBarriers ? (long)Threads : 1));
        MemoryRange[] rows = [.. context.Memory.Constants, .. context.Memory.Globals, SharedRange, LocalRange, ParameterRange];
        Ranges = (RangeRow*)Allocate((long)rows.Length * sizeof(RangeRow));
        for (var i = 0; i < rows.Length; i++) Ranges[i] = new RangeRow(rows[i]);
        GlobalRanges = Ranges + context.Memory.Constants.Count;
        WindowRanges = GlobalRanges + context.Memory.Globals.Count;
        RangesEnd = Ranges + rows.Length;
        if (context.Arena is { } arena)
        {
            (ArenaBytes, ShadowDistance) = (arena.Bytes, arena.Bytes);
            Arena = arena.Start;
            Touched = arena.Touched;
            Dirtied = arena.Dirtied;
        }

        _printer = new BlockPrinter(this, context.Options.PrintedBytes);
    }

    public KernelFault? Fault { get; private set; }

    /// <summary>Gets the instructions run since the block began.</summary>
    public long Steps => StepBudget - Fuel;

    /// <summary>Gets for each thread the entry at which it goes on, or <see cref="Left"/>.</summary>
    public Span<int> WaitingAt => new(Entries, Threads);

    /// <summary>Makes everything as a new block finds it.</summary>
    public void Begin(ulong block)
    {
        // The order matters: whoever stops blocks meanwhile sees the new number, or this sees what they decided by.
        Volatile.Write(ref _block, block);
        Volatile.Write(ref Stop, 0);
        Interlocked.MemoryBarrier();
        StopIfUnwanted();
        var position = _context.Launch.Grid.At(block);
        (BlockX, BlockY, BlockZ) = ((int)position.X, (int)position.Y, (int)position.Z);
        NativeMemory.Clear(Shared, (nuint)TotalSharedBytes);
        if (_hasBarriers)
        {
            WaitingAt.Clear();
            NativeMemory.Clear(_local, (nuint)(_context.Plan.Memory.LocalBytes * (long)Threads));
        }

        Fuel = StepBudget;
        _printer.Begin();
    }

    /// <summary>Gives the memory of the current thread: of its own where it outlives a barrier, else cleared of the thread before.</summary>
    public byte* StartLocal()
    {
        var bytes = _context.Plan.Memory.LocalBytes;
        if (!_hasBarriers) NativeMemory.Clear(_local, (nuint)bytes);
        WindowRanges[1].Host = LocalOfThread;
        return LocalOfThread;
    }

    /// <summary>Raises <see cref="Stop"/> where the rest of this block is not wanted. Other threads call this too.</summary>
    public void StopIfUnwanted()
    {
        if (_context.Stops(Volatile.Read(ref _block))) Volatile.Write(ref Stop, 1);
    }

    /// <summary>Notes why emitted code goes no further: its budget is spent, or it was told to stop.</summary>
    public void NoteStop(long fuel, int line)
    {
        if (fuel < 0) Report(FaultKind.StepBudget, line, $"the block ran more than {StepBudget} instructions; it was at line {line}");
        else Report(FaultKind.Cancelled, line, $"cancelled at line {line}");
    }

    /// <summary>Gets what the block has printed so far.</summary>
    public ReadOnlySpan<byte> Printed => _printer.Text;

    /// <summary>Prints, and gives what vprintf gives, or <see cref="PrintFailed"/>.</summary>
    public int Print(ulong format, ulong arguments, int line)
    {
        try
        {
            return _printer.Print(format, arguments);
        }
        catch (UnreadableException e)
        {
            Report(FaultKind.OutOfBounds, line, $"vprintf at line {line} reads {e.Bytes} bytes at address 0x{e.Address:x}, where no buffer is");
            return PrintFailed;
        }
    }

    public void FailAssertion(int line, ulong message, ulong file, int fileLine, ulong function)
    {
        string text;
        try
        {
            text = $"assertion '{_printer.Describe(message)}' failed at {_printer.Describe(file)}:{(uint)fileLine} in {_printer.Describe(function)}";
        }
        catch (UnreadableException)
        {
            text = $"assertion failed at line {line}; its text lies in no buffer";
        }

        Report(FaultKind.Assertion, line, text);
    }

    public void FailCall(int line, ulong address) => Report(
        FaultKind.BadCall, line, $"call at line {line} through a pointer to 0x{address:x}, where no function is that it may call; functions cannot call themselves");

    public void FailStack(int line, ulong bytes) => Report(
        FaultKind.OutOfBounds, line, $"alloca at line {line} asks for {bytes} bytes, for which the stack of {Expansions.ThreadStack.Bytes} bytes has no room");

    public void Trap(int line) => Report(FaultKind.Trap, line, $"trap at line {line}");

    public void Report(FaultKind kind, int line, string message) =>
        Fault ??= new KernelFault(kind, line, _context.Launch.Grid.At(_block), _context.Launch.Block.At((ulong)Thread), message);

    /// <summary>Notes which access of a group is at fault.</summary>
    /// <param name="address">The address of the group's first byte, in its state space.</param>
    public void NoteAccessFault(ulong address, int groupIndex)
    {
        var group = _context.Plan.AllGroups[groupIndex];
        if (!FindAccessFault(address, group)) throw new UnreachableException($"the accesses from line {group.Sites[0].Line} were refused, but none is at fault");
    }

    private bool FindAccessFault(ulong address, AccessGroup group)
    {
        var bits32 = group.Base is Syntax.RegisterOperand { Register.Type.Bits: 32 };
        foreach (var site in group.Sites)
        {
            var place = address + (ulong)(site.Offset - group.First);
            if (bits32) place = (uint)place;
            if (_context.Memory.FindFault(place, site, this) is not { } fault) continue;
            Report(fault.Kind, site.Line, fault.Message);
            return true;
        }

        return false;
    }

    /// <summary>Notes which lane's access of a group is at fault, where the lanes' places lie side by side.</summary>
    /// <param name="first">The thread of the first lane.</param>
    /// <param name="address">The address of the group's first byte for that lane.</param>
    public void NoteLaneFault(int first, ulong address, int bits, int groupIndex)
    {
        var group = _context.Plan.AllGroups[groupIndex];
        for (; bits != 0; bits &= bits - 1)
        {
            var lane = BitOperations.TrailingZeroCount(bits);
            Thread = first + lane;
            if (FindAccessFault(address + (ulong)(lane * group.AccessBytes), group)) return;
        }

        throw new UnreachableException($"the accesses from line {group.Sites[0].Line} were refused, but none is at fault");
    }

    /// <summary>Names the fields between which the part of the table lies that a state space may reach.</summary>
    public static (string First, string Last) TableOf(Syntax.StateSpace space) => space switch
    {
        Syntax.StateSpace.Constant => (nameof(Ranges), nameof(GlobalRanges)),
        Syntax.StateSpace.Global => (nameof(GlobalRanges), nameof(WindowRanges)),
        _ => (nameof(Ranges), nameof(RangesEnd)),
    };

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
