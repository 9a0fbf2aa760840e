using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is a value that a register holds for a while: one write of it, and all reads that this write reaches.</summary>
internal abstract class SsaValue(Register register, BasicBlock block)
{
    public Register Register { get; } = register;

    public BasicBlock Block { get; } = block;
}

/// <summary>Is what an instruction leaves in a register.</summary>
internal sealed class SsaResult(Register register, BasicBlock block, Instruction instruction) : SsaValue(register, block)
{
    public Instruction Instruction { get; } = instruction;
}

/// <summary>Is the zero that a register holds which is read before it is written.</summary>
internal sealed class SsaInitial(Register register, BasicBlock block) : SsaValue(register, block);

/// <summary>Is one of several values, by the way on which its block was entered.</summary>
internal sealed class SsaPhi(Register register, BasicBlock block) : SsaValue(register, block)
{
    /// <summary>Gets the value for each predecessor.</summary>
    public Dictionary<BasicBlock, SsaValue> Inputs { get; } = [];
}

/// <summary>Is a kernel in static single assignment form, beside its instructions: these stay as they are.</summary>
internal sealed class SsaForm(FlowGraph graph)
{
    private readonly Dictionary<(Instruction, Register), SsaValue> _reads = new(SiteComparer.Instance);
    private readonly Dictionary<(Instruction, Register), SsaResult> _results = new(SiteComparer.Instance);
    private readonly Dictionary<(BasicBlock, Register), SsaValue> _readsAtEnd = [];
    private readonly Dictionary<BasicBlock, Dictionary<Register, SsaPhi>> _phis = [];

    public FlowGraph Graph => graph;

    public IEnumerable<SsaResult> Results => _results.Values;

    public IEnumerable<SsaPhi> Phis => _phis.Values.SelectMany(p => p.Values);

    public IReadOnlyCollection<SsaPhi> PhisOf(BasicBlock block) => _phis.TryGetValue(block, out var phis) ? phis.Values : [];

    /// <summary>Gets the value of a register that an instruction reads.</summary>
    public SsaValue ReadBy(Instruction instruction, Register register) => _reads[(instruction, register)];

    /// <summary>Gets the value of a register that the end of a block reads.</summary>
    public SsaValue ReadAtEnd(BasicBlock block, Register register) => _readsAtEnd[(block, register)];

    public SsaResult ResultOf(Instruction instruction, Register register) => _results[(instruction, register)];

    public SsaPhi? FindPhi(BasicBlock block, Register register) => _phis.GetValueOrDefault(block)?.GetValueOrDefault(register);

    public void Add(SsaPhi phi)
    {
        if (!_phis.TryGetValue(phi.Block, out var phis)) _phis[phi.Block] = phis = [];
        phis[phi.Register] = phi;
    }

    public void NoteRead(Instruction instruction, Register register, SsaValue value) => _reads[(instruction, register)] = value;

    public void NoteReadAtEnd(BasicBlock block, Register register, SsaValue value) => _readsAtEnd[(block, register)] = value;

    public void Add(SsaResult result) => _results[(result.Instruction, result.Register)] = result;

    // Two instructions are the same only if they are the same place in the text.
    private sealed class SiteComparer : IEqualityComparer<(Instruction Instruction, Register Register)>
    {
        public static readonly SiteComparer Instance = new();

        public bool Equals((Instruction Instruction, Register Register) a, (Instruction Instruction, Register Register) b) =>
            ReferenceEquals(a.Instruction, b.Instruction) && ReferenceEquals(a.Register, b.Register);

        public int GetHashCode((Instruction Instruction, Register Register) site) => HashCode.Combine(
            System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(site.Instruction),
            System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(site.Register));
    }
}

/// <summary>Builds pruned static single assignment form (Cytron et al., 1991).</summary>
internal sealed class BuildSsa
{
    private readonly FlowGraph _graph;
    private readonly Register _carry;
    private readonly SsaForm _form;
    private readonly Dictionary<Register, Stack<SsaValue>> _current = [];
    private readonly Dictionary<Register, SsaInitial> _initial = [];

    private BuildSsa(FlowGraph graph, Register carry) => (_graph, _carry, _form) = (graph, carry, new SsaForm(graph));

    /// <param name="live">The registers that are live at the start of each block.</param>
    public static SsaForm Run(FlowGraph graph, LiveRegisters live, Register carry)
    {
        var builder = new BuildSsa(graph, carry);
        builder.PlacePhis(live);
        builder.Rename();
        return builder._form;
    }

    private void PlacePhis(LiveRegisters live)
    {
        var frontiers = Frontiers();
        var writers = new Dictionary<Register, HashSet<int>>();
        for (var block = 0; block < _graph.Blocks.Count; block++)
            foreach (var register in _graph.Blocks[block].Instructions.SelectMany(i => Registers.WrittenBy(i, _carry)))
                (writers.TryGetValue(register, out var set) ? set : writers[register] = []).Add(block);

        foreach (var (register, blocks) in writers)
        {
            var pending = new Stack<int>(blocks);
            while (pending.TryPop(out var block))
            {
                foreach (var join in frontiers[block])
                {
                    var at = _graph.Blocks[join];
                    if (_form.FindPhi(at, register) is not null || !live.IsLive(at, register)) continue;
                    _form.Add(new SsaPhi(register, at));
                    if (blocks.Add(join)) pending.Push(join);
                }
            }
        }
    }

    private HashSet<int>[] Frontiers()
    {
        var frontiers = _graph.Blocks.Select(_ => new HashSet<int>()).ToArray();
        for (var block = 0; block < frontiers.Length; block++)
        {
            // The first block has one predecessor more: the launch.
            if (_graph.Predecessors[block].Count < (block == 0 ? 1 : 2)) continue;
            foreach (var predecessor in _graph.Predecessors[block])
                for (var runner = predecessor; ; runner = _graph.ImmediateDominators[runner])
                {
                    if (runner == _graph.ImmediateDominators[block] && block != 0) break;
                    if (!frontiers[runner].Add(block) || runner == 0) break;
                }
        }

        return frontiers;
    }

    /// <summary>Walks the dominator tree, without recursion: a hostile kernel could make it as deep as it likes.</summary>
    private void Rename()
    {
        var children = Enumerable.Range(1, _graph.Blocks.Count - 1).ToLookup(b => _graph.ImmediateDominators[b]);
        var open = new Stack<(int Block, bool Done, List<Register> Pushed)>([(0, false, [])]);
        while (open.TryPop(out var visit))
        {
            if (visit.Done)
            {
                foreach (var register in visit.Pushed) _current[register].Pop();
                continue;
            }

            open.Push((visit.Block, true, visit.Pushed));
            Rename(_graph.Blocks[visit.Block], visit.Pushed);
            foreach (var child in children[visit.Block]) open.Push((child, false, []));
        }

        // A phi of the first block takes the launch's value too.
        foreach (var phi in _form.PhisOf(_graph.Blocks[0]).ToList()) phi.Inputs.TryAdd(_graph.Blocks[0], Initial(phi.Register));
    }

    private void Rename(BasicBlock block, List<Register> pushed)
    {
        foreach (var phi in _form.PhisOf(block)) Push(phi, pushed);
        foreach (var instruction in block.Instructions)
        {
            foreach (var register in Registers.ReadBy(instruction, _carry)) _form.NoteRead(instruction, register, Current(register));
            foreach (var register in Registers.WrittenBy(instruction, _carry))
            {
                var result = new SsaResult(register, block, instruction);
                _form.Add(result);
                Push(result, pushed);
            }
        }

        foreach (var register in Registers.ReadBy(block.End)) _form.NoteReadAtEnd(block, register, Current(register));
        foreach (var successor in block.End.Successors)
            foreach (var phi in _form.PhisOf(successor))
                phi.Inputs[block] = Current(phi.Register);
    }

    private void Push(SsaValue value, List<Register> pushed)
    {
        if (!_current.TryGetValue(value.Register, out var values)) _current[value.Register] = values = new Stack<SsaValue>();
        values.Push(value);
        pushed.Add(value.Register);
    }

    private SsaValue Current(Register register) =>
        _current.TryGetValue(register, out var values) && values.TryPeek(out var value) ? value : Initial(register);

    private SsaInitial Initial(Register register) =>
        _initial.TryGetValue(register, out var value) ? value : _initial[register] = new SsaInitial(register, _graph.Blocks[0]);
}
