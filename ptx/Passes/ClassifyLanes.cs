using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is how the lanes of a vector differ in a value: by a fixed stride from lane to lane, or in any way.</summary>
/// <param name="Stride">How much a lane has more than the one before; 0 where all have the same. Means nothing where they vary.</param>
internal readonly record struct LaneClass(bool Varying, long Stride)
{
    public static readonly LaneClass Uniform = new(false, 0);

    public static readonly LaneClass Any = new(true, 0);

    public bool IsUniform => !Varying && Stride == 0;

    public LaneClass Join(LaneClass other) => this == other ? this : Any;
}

/// <summary>Is what counts of a launch where threads run as the lanes of vectors.</summary>
/// <param name="InRange">The operands of 32 bits that keep their value in all lanes when they are widened: no lane wraps.</param>
/// <param name="Alignments">Of which powers of two the parameters are multiples that a load reads.</param>
internal sealed record LaneLaunch(
    int Lanes, Dim3 Block, IReadOnlyCollection<(Instruction, int)> InRange, IReadOnlyDictionary<Instruction, int> Alignments)
{
    /// <summary>Gets whether the threads of a vector lie side by side along x.</summary>
    public bool IsRegular => Block.X % Lanes == 0 || (Block.Y == 1 && Block.Z == 1);

    /// <summary>Gives of which power of two a special register is a multiple in the first lane of each vector.</summary>
    public int AlignmentOf(string special) => special switch
    {
        "%tid.x" when IsRegular => Lanes,
        "%laneid" => Lanes,
        "%ntid.x" => LaneAlignment.Of(Block.X),
        "%ntid.y" => LaneAlignment.Of(Block.Y),
        "%ntid.z" => LaneAlignment.Of(Block.Z),
        _ => 1,
    };
}

/// <summary>Is what is known of a kernel for a launch of one shape, so that several threads of it can run as the lanes of vectors.</summary>
/// <param name="Classes">The class of each register; one that is never written is uniform.</param>
/// <param name="Flows">The order of the blocks of each region.</param>
/// <param name="IsRegular">Whether the threads of a vector lie side by side along x.</param>
/// <param name="EntersApart">Whether some lanes of a vector may enter a region without the others.</param>
internal sealed record LanePlan(
    KernelPlan Kernel,
    int Lanes,
    bool IsRegular,
    bool EntersApart,
    IReadOnlyDictionary<Register, LaneClass> Classes,
    IReadOnlyDictionary<Region, LaneFlow> Flows)
{
    /// <summary>Says whether some lanes of a vector may rest in a region while others run.</summary>
    public bool NeedsMasks(Region region) => EntersApart || Flows[region].DivergentBranches.Count > 0;

    public LaneClass ClassOf(Register register) => Classes.GetValueOrDefault(register, LaneClass.Uniform);

    public LaneClass ClassOf(Operand operand) => ClassifyLanes.ClassOf(operand, ClassOf, IsRegular);

    /// <summary>Says whether the lanes of a load or a store touch one place right behind the other, of 32 or 64 bits each.</summary>
    public bool IsSideBySide(Instruction instruction)
    {
        // A whole vector is no volatile access; lane by lane it is.
        if (instruction.Opcode is not ("ld" or "ldu" or "st") || MemoryEmission.IsVolatile(instruction)) return false;
        var (place, value) = instruction.Opcode == "st" ? (0, 1) : (1, 0);
        var access = MemoryAccess.Of(instruction);
        return access is { Elements: 1, Bytes: 4 or 8 }
            && ClassOf(instruction.Operands[place]) is { Varying: false } known && known.Stride == access.Bytes
            && (instruction.Operands[value] is not RegisterOperand { Register: var register } || register.Type.Bits == access.Bytes * 8);
    }

    /// <summary>Says whether the lanes of an access take turns, so that each is checked by itself.</summary>
    public bool TakesTurns(Instruction instruction)
    {
        if (IsSideBySide(instruction)) return false;
        var uniform = instruction.Opcode is "ld" or "ldu"
            ? ClassOf(instruction.Operands[1]).IsUniform
            : instruction.Opcode == "st" && instruction.Operands.All(o => ClassOf(o).IsUniform);
        return !uniform;
    }
}

/// <summary>Finds which values are the same in all lanes, which grow by a fixed stride, and where lanes part.</summary>
/// <remarks>
/// Values start as uniform and are demoted until nothing changes. A register that lanes may still want while others write it
/// (they left a loop, or took another branch) varies, whatever is written.
/// </remarks>
internal sealed class ClassifyLanes
{
    // Beyond these the scalar path is the better one: vectors pay in loops, not in long straight code.
    private const int MaxBlocks = 512;
    private const int MaxInstructions = 6000;

    private readonly KernelPlan _plan;
    private readonly LaneLaunch _launch;
    private readonly HashSet<(Instruction, int)> _inRange;
    private readonly Dictionary<Region, LaneFlow> _flows;
    private readonly Dictionary<Register, LaneClass> _classes = [];
    private readonly Dictionary<Register, int> _alignments = [];

    // Whether some lanes of a vector may go on from a wait without the others.
    private bool _parts;

    private ClassifyLanes(KernelPlan plan, LaneLaunch launch, HashSet<(Instruction, int)> inRange, Dictionary<Region, LaneFlow> flows) =>
        (_plan, _launch, _inRange, _flows) = (plan, launch, inRange, flows);

    /// <summary>Says whether a kernel can run in lanes at all, whatever the launch.</summary>
    public static bool MayRun(KernelPlan plan) =>
        plan.Blocks.Count <= MaxBlocks
        && plan.Blocks.Sum(b => b.Instructions.Count) <= MaxInstructions
        && plan.Memory.LocalBytes == 0
        && !plan.ShowsOrder
        && plan.Regions.Regions.All(r => r.Entries.Count == 1)
        && !plan.Blocks.Any(b => b.End is IndexedBranch)
        && !DependsOnOrder(plan);

    /// <returns>The plan, or null for a kernel that only the scalar path runs.</returns>
    public static LanePlan? Run(KernelPlan plan, LaneLaunch launch)
    {
        if (Classify(plan, launch, [.. launch.InRange]) is not { } pass) return null;
        // The ranges hold for strides up to a bound; where one is longer, nothing of them is used.
        if (pass._classes.Any(c => c.Key.Type.Bits == 32 && Math.Abs(c.Value.Stride) > FindRanges.MaxStride)) pass = Classify(plan, launch, [])!;
        var apart = pass._parts || launch.Block.Count % (ulong)launch.Lanes != 0 || pass._flows.Values.Any(f => f.LeavesApart);
        var classified = new LanePlan(plan, launch.Lanes, launch.IsRegular, apart, pass._classes, pass._flows);
        var (groups, all) = GroupAccesses.Run(plan.Blocks, classified.TakesTurns);
        return classified with { Kernel = plan with { Groups = groups, AllGroups = all } };
    }

    private static ClassifyLanes? Classify(KernelPlan plan, LaneLaunch launch, HashSet<(Instruction, int)> inRange)
    {
        var flows = new Dictionary<Region, LaneFlow>();
        foreach (var region in plan.Regions.Regions)
        {
            if (LaneFlow.Find(plan.Regions.Starts[region.Entries[0]]) is not { } flow) return null;
            flows[region] = flow;
        }

        var pass = new ClassifyLanes(plan, launch, inRange, flows);
        pass.Classify();
        return pass;
    }

    public static LaneClass ClassOf(Operand operand, Func<Register, LaneClass> classOf, bool regular) => operand switch
    {
        RegisterOperand register => classOf(register.Register),
        AddressOperand address => ClassOf(address.Base, classOf, regular),
        NegatedOperand negated => ClassOf(negated.Inner, classOf, regular),
        SpecialOperand special => special.Name switch
        {
            "%tid.x" => regular ? new(false, 1) : LaneClass.Any,
            "%tid.y" or "%tid.z" => regular ? LaneClass.Uniform : LaneClass.Any,
            "%laneid" => new(false, 1),
            _ when special.Name.StartsWith("%lanemask", StringComparison.Ordinal) => LaneClass.Any,
            _ => LaneClass.Uniform,
        },
        PairOperand pair => ClassOf(pair.First, classOf, regular).Join(ClassOf(pair.Second, classOf, regular)),
        VectorOperand vector => vector.Elements.Select(e => ClassOf(e, classOf, regular)).Aggregate((a, b) => a.Join(b)),
        _ => LaneClass.Uniform,
    };

    /// <summary>Says whether what the kernel leaves depends on which thread comes first, so that threads have to take turns as they do without vectors.</summary>
    private static bool DependsOnOrder(KernelPlan plan)
    {
        var read = plan.Blocks.SelectMany(b => b.Instructions.SelectMany(Registers.ReadBy).Concat(Registers.ReadBy(b.End))).ToHashSet();
        return plan.Blocks.SelectMany(b => b.Instructions).Any(i => i.Opcode switch
        {
            "atom" => i.Type.IsReal || i.Has("noftz") || i.Has("exch") || i.Has("cas") || Registers.WrittenBy(i).Any(read.Contains),
            "red" => i.Type.IsReal || i.Has("noftz"),
            // What an arrival gives, and which of several questions is answered first.
            "mbarrier" => true,
            _ => false,
        });
    }

    private void Classify()
    {
        foreach (var register in _plan.Live[_plan.Blocks[0]]) _classes[register] = LaneClass.Uniform;
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var block in _plan.Blocks)
            {
                foreach (var instruction in block.Instructions) changed |= Write(block, instruction);
            }

            foreach (var flow in _flows.Values)
                for (var block = 0; block < flow.Graph.Blocks.Count; block++)
                    if (flow.Graph.Blocks[block].End is Branch branch && Registers.In(branch.Predicate).All(_classes.ContainsKey) && !Of(branch.Predicate).IsUniform)
                        changed |= flow.Diverge(block);

            if (!_parts && MayPart())
            {
                // Each lane needs a place of its own for what it takes along: others come by at another time.
                foreach (var register in _plan.Regions.FrameOffsets.Keys) _classes[register] = LaneClass.Any;
                changed = _parts = true;
            }
        }
    }

    private bool MayPart() =>
        _flows.Values.Any(f => f.PartsAtWaits)
        || _plan.Regions.Sites.OfType<WaitSite>().Any(site =>
            ((WaitOperand?[])[site.Mask, site.Operation is null ? site.Second : null, site.Operation is null ? site.Third : null])
            .Any(o => o is { Constants: null } && Registers.In(o.Operand).All(_classes.ContainsKey) && !Of(o.Operand).IsUniform));

    private bool Write(BasicBlock block, Instruction instruction)
    {
        // What it reads may be written later in the text; then there is another round.
        if (!Registers.ReadBy(instruction, _plan.Carry).All(_classes.ContainsKey)) return false;
        var changed = false;
        LaneClass? result = null;
        foreach (var register in Registers.WrittenBy(instruction, _plan.Carry))
        {
            changed |= Align(register, instruction);
            var known = _classes.TryGetValue(register, out var before);
            if (known && before.Varying) continue;
            result ??= Result(instruction);
            var after = known ? before.Join(result.Value) : result.Value;
            if (!after.Varying && _flows.Values.Any(f => f.Graph.Contains(block) && f.IsWantedElsewhere(f.Graph.NumberOf(block), register, _plan.Live)))
                after = LaneClass.Any;
            if (known && after == before) continue;
            _classes[register] = after;
            changed = true;
        }

        return changed;
    }

    private bool Align(Register register, Instruction instruction)
    {
        var before = _alignments.GetValueOrDefault(register, LaneAlignment.Most);
        _alignments[register] = Math.Min(before, _launch.Alignments.TryGetValue(instruction, out var known) ? known : LaneAlignment.OfResult(instruction, AlignmentOf));
        return _alignments[register] < before;
    }

    private int AlignmentOf(Operand operand) => operand switch
    {
        RegisterOperand register => _alignments.GetValueOrDefault(register.Register, LaneAlignment.Most),
        ImmediateOperand { Value: { Kind: LiteralKind.Integer } number } => LaneAlignment.Of(number.Bits),
        SpecialOperand special => _launch.AlignmentOf(special.Name),
        _ => 1,
    };

    private LaneClass Result(Instruction instruction)
    {
        if (instruction.Has(Traits.TakesResult) || instruction.Opcode == "atom") return LaneClass.Any;
        var sources = Enumerable.Range(0, instruction.Operands.Count).Where(i => !instruction.Form!.Shapes[i].Writes).ToList();
        if (sources.All(i => Of(instruction.Operands[i]).IsUniform) && (!instruction.Has(Traits.ReadsCarry) || Of(_plan.Carry).IsUniform)) return LaneClass.Uniform;
        if (LaneAlignment.Agrees(instruction, _launch.Lanes, o => Of(o) is { Varying: false } known ? known.Stride : null, AlignmentOf)) return LaneClass.Uniform;
        return Stride(instruction) is { } stride ? new LaneClass(false, stride) : LaneClass.Any;
    }

    /// <summary>Finds the stride of the result of a linear operation.</summary>
    private long? Stride(Instruction instruction)
    {
        if (instruction.Operands[0] is not RegisterOperand { Register: var register } || instruction.Has(Traits.ReadsCarry | Traits.WritesCarry)) return null;
        // The bits of a floating-point number do not grow as the number does.
        if (_plan.Representations[register].Slot is Slot.F32 or Slot.F64) return null;
        var type = instruction.OperandTypes[0];
        if (type.IsReal || type.Bits < 32) return null;
        var stride = (instruction.Opcode, instruction.Modifiers) switch
        {
            ("mov" or "cvta", _) => StrideOf(instruction, 1),
            ("add", [_]) => StrideOf(instruction, 1) + StrideOf(instruction, 2),
            ("sub", [_]) => StrideOf(instruction, 1) - StrideOf(instruction, 2),
            ("neg", [_]) => -StrideOf(instruction, 1),
            ("mul", ["lo", _]) => Product(instruction),
            ("mad", ["lo", _]) => Product(instruction) + StrideOf(instruction, 3),
            ("mul", ["wide", _]) when AllStayInRange(instruction) => Product(instruction),
            ("mad", ["wide", _]) when AllStayInRange(instruction) => Product(instruction) + StrideOf(instruction, 3),
            ("shl", [_]) when Number(instruction.Operands[2]) is >= 0 and < 64 and var count && count < type.Bits => StrideOf(instruction, 1) << (int)count,
            ("cvt", [_, _]) => Converted(instruction),
            _ => null,
        };
        return type.Bits == 32 ? (int?)stride : stride;
    }

    private long? Converted(Instruction instruction)
    {
        var (to, from) = (instruction.TypeAt(0), instruction.TypeAt(1));
        if (to.IsReal || from.IsReal || from.Bits < 32 || to.Bits < 32) return null;
        return from.Bits >= to.Bits || StaysInRange(instruction, 1) ? StrideOf(instruction, 1) : null;
    }

    private bool AllStayInRange(Instruction instruction) =>
        instruction.Type.Bits == 32 && Enumerable.Range(1, 2).All(i => Of(instruction.Operands[i]).IsUniform || StaysInRange(instruction, i));

    private bool StaysInRange(Instruction instruction, int operand) => _inRange.Contains((instruction, operand));

    private long? Product(Instruction instruction)
    {
        var (first, second) = (StrideOf(instruction, 1), StrideOf(instruction, 2));
        if (first == 0 && second == 0) return 0;
        return Number(instruction.Operands[2], instruction) is { } factor ? first * factor
            : Number(instruction.Operands[1], instruction) is { } other ? second * other
            : null;
    }

    private static long? Number(Operand operand) => operand is ImmediateOperand { Value.Kind: LiteralKind.Integer } number ? (long)number.Value.Bits : null;

    /// <summary>Gives a factor as the number that an instruction takes it for.</summary>
    private static long? Number(Operand operand, Instruction instruction) => (Number(operand), instruction.Type) switch
    {
        (null, _) => null,
        ({ } number, { Bits: 32, IsSigned: true }) => (int)number,
        ({ } number, { Bits: 32 }) => (uint)number,
        ({ } number, _) => number,
    };

    private long? StrideOf(Instruction instruction, int operand) => Of(instruction.Operands[operand]) is { Varying: false } known ? known.Stride : null;

    private LaneClass Of(Register register) => _classes.GetValueOrDefault(register, LaneClass.Uniform);

    private LaneClass Of(Operand operand) => ClassOf(operand, Of, _launch.IsRegular);
}
