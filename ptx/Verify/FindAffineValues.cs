using Broker.Ptx.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Is what is known of a register: the memory that it points into, if it is an address, and the form of its number or offset.</summary>
internal readonly record struct AffineValue(MemoryRoot? Root, AffineForm? Form)
{
    public bool Same(AffineValue other) => Root == other.Root && Form is not null && other.Form is not null && Form.Same(other.Form);
}

/// <summary>Finds the form of each value, and what is sure to hold wherever a block runs.</summary>
internal sealed class FindAffineValues
{
    private readonly KernelPlan _plan;
    private readonly SsaForm _form;
    private readonly LoopForest _loops;
    private readonly FindPointers _pointers;
    private readonly AffineTransfer _transfer;
    private readonly LoopForms _loopForms;
    private readonly Dictionary<SsaValue, AffineValue> _values = [];
    private readonly Dictionary<BasicBlock, ConditionList> _conditions = [];

    private FindAffineValues(KernelPlan plan, SsaForm form, FindPointers pointers, KernelLaunch launch)
    {
        (_plan, _form, _pointers) = (plan, form, pointers);
        Launch = new LaunchValues(plan, launch);
        Arithmetic = new AffineArithmetic(Launch);
        _transfer = new AffineTransfer(Arithmetic);
        _loops = FindLoops.Run(form.Graph);
        _loopForms = new LoopForms(form, Launch, this);
    }

    public LaunchValues Launch { get; }

    public AffineArithmetic Arithmetic { get; }

    /// <summary>Says how often a thread that enters the kernel runs a block at most. Loops of unknown length count once, and are not known.</summary>
    public (double Times, bool IsKnown) TimesOf(int block)
    {
        var (times, known) = (1.0, _loops.Reducible);
        for (var loop = _loops.Innermost[block]; loop is not null; loop = loop.Parent)
        {
            if (_loopForms.Rounds.TryGetValue(loop.Header, out var rounds)) times *= rounds;
            else known = false;
        }

        return (times, known);
    }

    public static FindAffineValues Run(KernelPlan plan, SsaForm form, FindPointers pointers, KernelLaunch launch)
    {
        var found = new FindAffineValues(plan, form, pointers, launch);
        // Where a cycle has two ways in, no order of the blocks sees each value before its use.
        if (!found._loops.Reducible) return found;
        foreach (var block in form.Graph.Blocks) found.Visit(block);
        return found;
    }

    public AffineValue Of(SsaValue value) => value is SsaInitial ? new AffineValue(null, AffineForm.Of(0)) : _values.GetValueOrDefault(value);

    /// <summary>Gives what an operand of an instruction holds.</summary>
    public AffineValue Of(Instruction instruction, Operand operand) => operand switch
    {
        RegisterOperand register => Of(_form.ReadBy(instruction, register.Register)),
        ImmediateOperand { Value: { Kind: LiteralKind.Integer } value } => new AffineValue(null, AffineForm.Of((long)value.Bits)),
        SpecialOperand special => new AffineValue(null, Launch.Special(special.Name)),
        SymbolOperand { Variable.Space: StateSpace.Global or StateSpace.Constant } symbol =>
            new AffineValue(MemoryRoot.Of(symbol.Variable, false), AffineForm.Of(symbol.Offset)),
        AddressOperand address when Of(instruction, address.Base) is var place => place with { Form = place.Form?.Plus(address.Offset) },
        _ => default,
    };

    /// <summary>Gets sums that are not negative wherever a block runs.</summary>
    public IReadOnlyList<AffineForm> ConditionsAt(BasicBlock block) => [.. _conditions.GetValueOrDefault(block)?.All() ?? [], .. Arithmetic.Ties];

    private void Visit(BasicBlock block)
    {
        var number = _form.Graph.NumberOf(block);
        _conditions[block] = number == 0 ? new ConditionList(null, []) : Entered(block, number);
        var loop = _loops.Innermost[number] is { } innermost && innermost.Header == number ? innermost : null;
        foreach (var phi in _form.PhisOf(block)) _values[phi] = loop is null ? Join(phi) : default;
        if (loop is not null) _conditions[block] = _loopForms.Visit(loop, block, _conditions[block], _values);
        foreach (var instruction in block.Instructions)
            foreach (var register in Registers.WrittenBy(instruction))
                _values[_form.ResultOf(instruction, register)] = Result(instruction);
    }

    private AffineValue Join(SsaPhi phi)
    {
        var inputs = phi.Inputs.Values.Select(Of).ToList();
        return inputs.Count > 0 && inputs.All(i => i.Same(inputs[0])) ? inputs[0] : default;
    }

    private AffineValue Result(Instruction instruction)
    {
        if (instruction.Opcode == "ld") return Loaded(instruction);
        var form = _transfer.Of(instruction, i => Of(instruction, instruction.Operands[i]).Form);
        if (form is null) return default;
        return instruction.Opcode switch
        {
            "mov" or "cvta" or "cvt" or "or" => new AffineValue(Root(1), form),
            "add" => Root(1) is not null && Root(2) is not null ? default : new AffineValue(Root(1) ?? Root(2), form),
            "sub" => new AffineValue(Root(2) is null ? Root(1) : null, form),
            "mad" => new AffineValue(Root(3), form),
            _ => new AffineValue(null, form),
        };

        MemoryRoot? Root(int operand) => Of(instruction, instruction.Operands[operand]).Root;
    }

    private AffineValue Loaded(Instruction instruction)
    {
        if (instruction.Operands is not [RegisterOperand, AddressOperand { Base: SymbolOperand { Variable: var variable } } place]) return default;
        if (!_plan.Memory.Places.TryGetValue(variable, out var home) || home.Space != StateSpace.Parameter) return default;
        if (_pointers.FindParameter(variable, place.Offset) is { } pointer)
            return new AffineValue(MemoryRoot.Of(pointer.Buffer), AffineForm.Of(pointer.Start));
        return new AffineValue(null, Launch.Parameter(variable, place.Offset, instruction.OperandTypes[0]));
    }

    /// <summary>Gives what holds where a block is entered: what holds at its dominator, and the branch that alone leads here.</summary>
    private ConditionList Entered(BasicBlock block, int number)
    {
        var outer = _conditions[_form.Graph.Blocks[_form.Graph.ImmediateDominators[number]]];
        return _form.Graph.Predecessors[number] is [var only] ? Along(_form.Graph.Blocks[only], block, outer) : outer;
    }

    /// <summary>Adds what a branch tells whoever takes it.</summary>
    public ConditionList Along(BasicBlock from, BasicBlock to, ConditionList known)
    {
        if (from.End is not Branch branch || branch.Taken == branch.Otherwise) return known;
        var told = new BranchConditions(_form, this).Of(from, branch, branch.Taken == to);
        return told.Count == 0 ? known : new ConditionList(known, told);
    }

    public ConditionList ConditionsAfter(BasicBlock from, BasicBlock to) => Along(from, to, _conditions[from]);
}

/// <summary>Is a list that shares its beginning with others.</summary>
internal sealed record ConditionList(ConditionList? Outer, IReadOnlyList<AffineForm> Own)
{
    private const int Most = 64;

    /// <summary>Gives the conditions, the innermost first, up to some number: fewer are weaker, not wrong.</summary>
    public IEnumerable<AffineForm> All()
    {
        var found = new List<AffineForm>();
        for (var list = this; list is not null && found.Count < Most; list = list.Outer) found.AddRange(list.Own);
        return found;
    }
}
