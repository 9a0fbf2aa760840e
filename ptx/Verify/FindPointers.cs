using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Finds from which memory each register's value may derive as an address, and where an address becomes data.</summary>
/// <remarks>
/// A register has what any of its definitions gives it. Addresses differ between machines, except that what they point to is aligned,
/// so all that may be done with one is to add to it, to compare it with its like, and to look at its low bits.
/// </remarks>
internal sealed class FindPointers
{
    private static readonly HashSet<MemoryRoot> None = [];

    private readonly KernelPlan _plan;
    private readonly IReadOnlyList<LaunchPointer> _pointers;
    private readonly Dictionary<Register, HashSet<MemoryRoot>> _roots = [];
    private readonly KeptPointers _kept = new();
    private bool _changed;

    private FindPointers(KernelPlan plan, IReadOnlyList<LaunchPointer> pointers) => (_plan, _pointers) = (plan, pointers);

    /// <summary>Gets each instruction that makes data of an address, once.</summary>
    public Dictionary<Instruction, MemoryRoot> Leaks { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Gets what tells the same of an address on every machine only if this lies in what it points into.</summary>
    public HashSet<Instruction> Tests { get; } = new(ReferenceEqualityComparer.Instance);

    public static FindPointers Run(KernelPlan plan, IReadOnlyList<LaunchPointer> pointers)
    {
        var finder = new FindPointers(plan, pointers);
        do
        {
            finder._changed = false;
            foreach (var instruction in plan.Blocks.SelectMany(b => b.Instructions)) finder.Visit(instruction);
            foreach (var wait in plan.Blocks.Select(b => b.End).OfType<Wait>()) finder.LeakAny(wait.Instruction, Sources(wait.Instruction));
        }
        while (finder._changed);

        return finder;
    }

    /// <summary>Gets what an operand may point into; nothing for a number.</summary>
    public IReadOnlySet<MemoryRoot> Of(Operand operand) => operand switch
    {
        RegisterOperand register => _roots.GetValueOrDefault(register.Register, None),
        SymbolOperand symbol => new HashSet<MemoryRoot> { RootOf(symbol.Variable) },
        AddressOperand address => Of(address.Base),
        VectorOperand vector => vector.Elements.SelectMany(Of).ToHashSet(),
        _ => None,
    };

    /// <summary>Finds the pointer that a kernel is given at this place of its parameters.</summary>
    public LaunchPointer? FindParameter(Variable variable, long offset) =>
        _plan.Memory.Places.TryGetValue(variable, out var place) && place.Space == StateSpace.Parameter
            ? _pointers.FirstOrDefault(p => p.Offset == place.Offset + offset)
            : null;

    private MemoryRoot RootOf(Variable variable) =>
        MemoryRoot.Of(variable, _plan.Memory.Places.TryGetValue(variable, out var place) && place.Space == StateSpace.Parameter);

    private void Visit(Instruction instruction)
    {
        var operands = instruction.Operands;
        switch (instruction.Opcode)
        {
            case "ld" or "ldu": VisitLoad(instruction); break;
            case "st": VisitStore(instruction); break;
            case "mov" when operands.All(o => o is not VectorOperand): Join(operands[0], Of(operands[1])); break;
            case "cvta": VisitAddress(instruction); break;
            case "cvt" when !instruction.TypeAt(0).IsReal: VisitConversion(instruction); break;
            case "selp" or "slct": Join(operands[0], Of(operands[1])); Join(operands[0], Of(operands[2])); break;
            case "add" or "sub" or "mad" or "setp" when instruction.Has("cc") || instruction.OperandTypes[1].IsReal: LeakAny(instruction, Sources(instruction)); break;
            case "add": VisitSum(instruction, operands[1], operands[2]); break;
            case "mad" when !instruction.Has("hi"):
                LeakAny(instruction, operands.Skip(1).Take(2));
                Join(operands[0], Of(operands[3]));
                break;
            case "sub": VisitDifference(instruction); break;
            case "or" when IsLow(operands[1], operands[2]): Join(operands[0], Of(operands[1])); break;
            case "and" when IsLow(operands[1], operands[2]): break;
            case "setp": VisitComparison(instruction); break;
            case "isspacep": Tests.Add(instruction); break;
            case "prefetch" or "prefetchu" or SystemCalls.Print: break;
            default: LeakAny(instruction, Sources(instruction)); break;
        }
    }

    private static IEnumerable<Operand> Sources(Instruction instruction) =>
        instruction.Operands.Where((_, i) => !instruction.Form!.Shapes[i].Writes && instruction.Form.Shapes[i].Role != OperandRole.Memory);

    private void VisitLoad(Instruction instruction)
    {
        var place = (AddressOperand)instruction.Operands[1];
        var type = instruction.OperandTypes[0];
        var results = instruction.Operands[0] is VectorOperand vector ? vector.Elements : [instruction.Operands[0]];
        for (var i = 0; i < results.Count; i++)
        {
            if (place.Base is SymbolOperand { Variable: { Space: StateSpace.Parameter } variable } && RootOf(variable) == MemoryRoot.Parameters)
                LoadParameter(instruction, results[i], variable, place.Offset + i * type.Bytes, type);
            else if (type.Bits == 64) Join(results[i], KeptAt(instruction, place, i * type.Bytes));
            else if (KeptAround(instruction, place, i * type.Bytes, type.Bytes).FirstOrDefault() is { } root) Leaks.TryAdd(instruction, root);
        }
    }

    private void LoadParameter(Instruction instruction, Operand result, Variable variable, long offset, ScalarType type)
    {
        var place = _plan.Memory.Places[variable].Offset + offset;
        foreach (var pointer in _pointers.Where(p => p.Offset < place + type.Bytes && place < p.Offset + sizeof(ulong)))
        {
            if (pointer.Offset == place && type.Bits == 64) Join(result, new HashSet<MemoryRoot> { MemoryRoot.Of(pointer.Buffer) });
            else Leaks.TryAdd(instruction, MemoryRoot.Of(pointer.Buffer));
        }
    }

    /// <summary>Gives the pointers that a thread may find in memory of its own, or as the first value of a variable.</summary>
    private HashSet<MemoryRoot> KeptAt(Instruction instruction, AddressOperand place, long offset) =>
        place.Base is SymbolOperand { Variable.Space: StateSpace.Parameter or StateSpace.Local } symbol
            ? _kept.At(symbol.Variable, place.Offset + offset)
            : KeptAnywhere(instruction, place);

    /// <summary>Gives the pointers of which a thread may find a part in memory of its own.</summary>
    private HashSet<MemoryRoot> KeptAround(Instruction instruction, AddressOperand place, long offset, int bytes) =>
        place.Base is SymbolOperand { Variable.Space: StateSpace.Parameter or StateSpace.Local } symbol
            ? _kept.Around(symbol.Variable, place.Offset + offset, bytes)
            : KeptAnywhere(instruction, place);

    private HashSet<MemoryRoot> KeptAnywhere(Instruction instruction, AddressOperand place)
    {
        var (space, roots) = (MemoryAccess.SpaceOf(instruction), Of(place));
        var found = space == StateSpace.Parameter || roots.Contains(MemoryRoot.Parameters) ? _pointers.Select(p => MemoryRoot.Of(p.Buffer)).ToHashSet() : [];
        if (space is StateSpace.Parameter or StateSpace.Local || roots.Any(r => r.Space == StateSpace.Local))
            found.UnionWith(_kept.Behind(roots));
        foreach (var variable in roots.Select(r => r.Variable).OfType<Variable>().Where(v => v.Initialiser is not null)) found.UnionWith(AddressesIn(variable.Initialiser!));
        return found;
    }

    private static IEnumerable<MemoryRoot> AddressesIn(Initialiser initialiser) => initialiser switch
    {
        InitialiserSymbol symbol => [MemoryRoot.Of(symbol.Variable, false)],
        InitialiserList list => list.Items.SelectMany(AddressesIn),
        _ => [],
    };

    private void VisitStore(Instruction instruction)
    {
        var place = (AddressOperand)instruction.Operands[0];
        var (space, roots) = (MemoryAccess.SpaceOf(instruction), Of(place));
        var ownsPlace = space is StateSpace.Local or StateSpace.Parameter || roots.Count > 0 && roots.All(r => r.Space == StateSpace.Local);
        if (!ownsPlace || instruction.OperandTypes[1].Bits != 64)
        {
            LeakAny(instruction, [instruction.Operands[1]]);
            return;
        }

        var values = instruction.Operands[1] is VectorOperand vector ? vector.Elements : [instruction.Operands[1]];
        for (var i = 0; i < values.Count; i++)
        {
            _changed |= _kept.Add((place.Base as SymbolOperand)?.Variable, place.Offset + i * sizeof(ulong), Of(values[i]));
        }
    }

    /// <summary>Moves an address to or from the generic space; where each space lies in that differs between machines.</summary>
    private void VisitAddress(Instruction instruction)
    {
        Join(instruction.Operands[0], Of(instruction.Operands[1]));
        if (MemoryAccess.SpaceOf(instruction) is not StateSpace.Global and var space && Of(instruction.Operands[1]).Count == 0)
            Join(instruction.Operands[0], new HashSet<MemoryRoot> { MemoryRoot.Of(space) });
    }

    private void VisitConversion(Instruction instruction)
    {
        var roots = Of(instruction.Operands[1]);
        // Shared and local memory fit in 32 bits.
        var least = Math.Min(instruction.TypeAt(0).Bits, instruction.TypeAt(1).Bits);
        var kept = least == 64 || least == 32 && roots.All(r => r.Space is StateSpace.Shared or StateSpace.Local);
        if (kept && !instruction.Has("sat") && !instruction.TypeAt(1).IsReal) Join(instruction.Operands[0], roots);
        else LeakAny(instruction, [instruction.Operands[1]]);
    }

    private void VisitSum(Instruction instruction, Operand first, Operand second)
    {
        if (Of(first).Count > 0 && Of(second).Count > 0) LeakAny(instruction, [first]);
        Join(instruction.Operands[0], Of(first));
        Join(instruction.Operands[0], Of(second));
    }

    private void VisitDifference(Instruction instruction)
    {
        var (first, second) = (Of(instruction.Operands[1]), Of(instruction.Operands[2]));
        if (second.Count == 0) Join(instruction.Operands[0], first);
        else if (!IsOneAndTheSame(first, second)) LeakAny(instruction, [instruction.Operands[2]]);
    }

    private void VisitComparison(Instruction instruction)
    {
        var (first, second) = (Of(instruction.Operands[1]), Of(instruction.Operands[2]));
        if (first.Count == 0 && second.Count == 0) return;
        var equality = instruction.Modifiers[0] is "eq" or "ne";
        if (IsOneAndTheSame(first, second))
        {
            // Which is the higher depends on the machine where one of them comes around.
            if (!equality) Tests.Add(instruction);
            return;
        }

        // No buffer lies at address zero.
        if (equality && instruction.Operands[2] is ImmediateOperand { Value.Bits: 0 } && first.All(r => r.Space == StateSpace.Global))
        {
            Tests.Add(instruction);
            return;
        }

        LeakAny(instruction, [instruction.Operands[1], instruction.Operands[2]]);
    }

    private static bool IsOneAndTheSame(IReadOnlySet<MemoryRoot> first, IReadOnlySet<MemoryRoot> second) => first.Count == 1 && first.SetEquals(second);

    /// <summary>Says whether bits are below those that differ between machines.</summary>
    private bool IsLow(Operand address, Operand bits) =>
        bits is ImmediateOperand { Value: { Kind: LiteralKind.Integer, Bits: var low } } && Of(address).All(root => low < (ulong)root.Alignment);

    private void Join(Operand result, IReadOnlySet<MemoryRoot> roots)
    {
        if (roots.Count == 0 || result is not RegisterOperand { Register: var register }) return;
        if (!_roots.TryGetValue(register, out var known)) _roots[register] = known = [];
        foreach (var root in roots) _changed |= known.Add(root);
    }

    private void LeakAny(Instruction instruction, IEnumerable<Operand> operands)
    {
        foreach (var operand in operands)
            if (Of(operand).FirstOrDefault() is { } root)
                Leaks.TryAdd(instruction, root);
    }
}
