using Broker.Ptx.Arithmetic;
using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is a place where threads wait for each other, and what each brings there.</summary>
/// <param name="Entry">The number of the entry at which threads go on.</param>
internal sealed record WaitSite(int Entry, Wait Wait)
{
    public Instruction Instruction => Wait.Instruction;

    public int Line => Instruction.Line;

    /// <summary>Gets what threads must have in common to meet here: they may stand at different places of the text.</summary>
    public string Kind { get; } = Wait.Instruction.Name;

    public bool IsBarrier => Wait is BarrierWait;

    /// <summary>Gets whether a thread asks here for the phase of a barrier in shared memory, at the place that it brings second.</summary>
    public bool IsPoll => Wait is PollWait;

    /// <summary>Gets what a warp's threads do together, or null where they wait for others too.</summary>
    public WarpOperation? Operation { get; } = Wait.Instruction.Form!.Collective?.Invoke(Wait.Instruction);

    /// <summary>Gets the value that is exchanged, or the predicate that is combined.</summary>
    public WaitOperand? Value { get; } = WaitOperand.Find(Wait.Instruction, OperandRole.Exchanged) ?? WaitOperand.Find(Wait.Instruction, OperandRole.Predicate);

    /// <summary>Gets the lane or the distance of a shuffle, or the number of a barrier.</summary>
    public WaitOperand? Second { get; } = WaitOperand.Find(Wait.Instruction, OperandRole.Lane) ?? WaitOperand.Find(Wait.Instruction, OperandRole.Barrier);

    /// <summary>Gets the clamp of a shuffle, or how many threads take part in a barrier.</summary>
    public WaitOperand? Third { get; } = WaitOperand.Find(Wait.Instruction, OperandRole.Clamp) ?? WaitOperand.Find(Wait.Instruction, OperandRole.ThreadCount);

    /// <summary>Gets the registers of matrices, in the order of the operands.</summary>
    public IReadOnlyList<WaitOperand> Fragments { get; } = WaitOperand.FindFragments(Wait.Instruction);

    /// <summary>Gets which lanes take part; null at a barrier, and where the instruction takes those that happen to be here.</summary>
    public WaitOperand? Mask { get; } = WaitOperand.Find(Wait.Instruction, OperandRole.Mask);

    /// <summary>Gets what a shuffle of a whole warp does whose lanes and clamp are numbers, or null where that is not known beforehand.</summary>
    public ShuffleTable? Table { get; } = Wait is CollectiveWait && Wait.Instruction.Opcode == "shfl" ? ShuffleTable.Find(Wait.Instruction) : null;

    /// <summary>Gets whether a thread only says that it was here and goes on.</summary>
    public bool IsArrival { get; } = Wait.Instruction.Has("arrive");

    /// <summary>Gets whether all threads of a warp must wait at this same instruction (PTX ISA 9.7.13.1).</summary>
    public bool IsAligned { get; } = Wait.Instruction.Opcode == "bar" || Wait.Instruction.Has("aligned");

    /// <summary>Gets whether this is a barrier of the whole block that gives nothing, such as <c>bar.sync 0</c>.</summary>
    public bool IsPlainBarrier => IsBarrier && !IsArrival && Third is null && Value is null && Second is { Constants: not null };

    public static bool IsBarrierOfBlock(Instruction instruction) => instruction.Opcode == "barrier" || instruction.Opcode == "bar" && !instruction.Has("warp");
}

/// <summary>Is from which lane each lane of a whole warp takes its value, and whether that lane is in range.</summary>
internal sealed record ShuffleTable(int[] Sources, int[] InRange)
{
    /// <summary>Shuffles the numbers of the lanes themselves.</summary>
    public static ShuffleTable? Find(Instruction shuffle)
    {
        var (lane, clamp) = (WaitOperand.Find(shuffle, OperandRole.Lane)!, WaitOperand.Find(shuffle, OperandRole.Clamp)!);
        if (lane.Constants is null || clamp.Constants is null) return null;
        var table = new ShuffleTable(new int[WarpLanes.Count], new int[WarpLanes.Count]);
        shuffle.Form!.Collective!(shuffle)(new WarpLanes
        {
            Active = uint.MaxValue,
            Values = Enumerable.Range(0, WarpLanes.Count).ToArray(),
            WideValues = [],
            Seconds = lane.Constants,
            Thirds = clamp.Constants,
            Results = table.Sources,
            Predicates = table.InRange,
            Fragments = [],
            WideFragments = [],
        });
        return table;
    }
}

/// <summary>Is an operand of a wait: one number for all lanes, or a value of each.</summary>
internal sealed record WaitOperand(Operand Operand, ScalarType Type)
{
    /// <summary>Gets the number once for each lane of a warp, or null where each thread has its own.</summary>
    public int[]? Constants { get; } = Operand is ImmediateOperand { Value: var literal }
        ? [.. Enumerable.Repeat((int)literal.Bits, SpecialRegisters.WarpSize)]
        : null;

    public static IReadOnlyList<WaitOperand> FindFragments(Instruction instruction) =>
        [.. instruction.Operands.SelectMany((operand, i) => instruction.Form!.Shapes[i].Role == OperandRole.Fragment
            ? ElementsOf(operand).Select(e => new WaitOperand(e, instruction.OperandTypes[i]))
            : [])];

    /// <summary>Gives the registers of a fragment, which braces may hold.</summary>
    public static IReadOnlyList<Operand> ElementsOf(Operand fragment) => fragment is VectorOperand vector ? vector.Elements : [fragment];

    public static WaitOperand? Find(Instruction instruction, OperandRole role)
    {
        for (var i = 0; i < instruction.Operands.Count; i++)
            if (instruction.Form!.Shapes[i].Role == role)
                return new WaitOperand(instruction.Operands[i], instruction.OperandTypes[i]);
        return null;
    }
}
