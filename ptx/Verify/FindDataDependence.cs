using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Finds the values that depend on what is loaded, directly or by the way that a thread takes, and what each block hangs on.</summary>
internal sealed class FindDataDependence
{
    // Each round spreads along every chain that goes with the text; a kernel that needs more is not looked at so closely.
    private const int MaxRounds = 64;

    private readonly KernelPlan _plan;
    private readonly SsaForm _form;
    private readonly HashSet<int>[] _controlled;
    private readonly HashSet<SsaValue> _dependent = [];
    private BasicBlock?[] _controls;
    private bool _isKnown;

    private FindDataDependence(KernelPlan plan, SsaForm form)
    {
        (_plan, _form) = (plan, form);
        _controlled = Controlled(form.Graph);
        _controls = new BasicBlock?[form.Graph.Blocks.Count];
    }

    public static FindDataDependence Run(KernelPlan plan, SsaForm form)
    {
        var found = new FindDataDependence(plan, form);
        for (var round = 0; round < MaxRounds && !found._isKnown; round++) found._isKnown = !found.Spread();
        return found;
    }

    /// <summary>Gets a branch of loaded data that decides whether a block runs, or decides on one that does.</summary>
    public BasicBlock? FindControl(BasicBlock block) => _controls[_form.Graph.NumberOf(block)];

    /// <summary>Says whether a register that an instruction reads depends on loaded data, as far as that is known.</summary>
    public bool Reads(Instruction instruction, Operand operand) => !_isKnown || Registers.In(operand).Any(r => _dependent.Contains(_form.ReadBy(instruction, r)));

    private bool EndDepends(BasicBlock block) => Registers.ReadBy(block.End).Any(r => _dependent.Contains(_form.ReadAtEnd(block, r)));

    private bool Spread()
    {
        var before = _dependent.Count;
        foreach (var result in _form.Results)
            if (!_dependent.Contains(result) && Depends(result.Instruction))
                _dependent.Add(result);
        _controls = Controls();
        foreach (var phi in _form.Phis)
            if (!_dependent.Contains(phi) && (phi.Inputs.Values.Any(_dependent.Contains) || phi.Inputs.Keys.Any(p => FindControl(p) is not null || EndDepends(p))))
                _dependent.Add(phi);
        return _dependent.Count > before;
    }

    private bool Depends(Instruction instruction)
    {
        if (_plan.Groups.ContainsKey(instruction) && !IsParameter(instruction)) return true;
        if (instruction.Has(Traits.TakesResult) || instruction.Opcode is "mma" or "wmma" or "ldmatrix" or SystemCalls.Print) return true;
        return Registers.ReadBy(instruction, _plan.Carry).Any(r => _dependent.Contains(_form.ReadBy(instruction, r)));
    }

    private bool IsParameter(Instruction instruction) =>
        instruction.Opcode == "ld"
            && instruction.Operands[1] is AddressOperand { Base: SymbolOperand { Variable: var variable } }
            && _plan.Memory.Places.TryGetValue(variable, out var place) && place.Space == StateSpace.Parameter;

    /// <summary>Gives for each block the branch of loaded data that decides on it, if there is one.</summary>
    private BasicBlock?[] Controls()
    {
        var found = new BasicBlock?[_controlled.Length];
        var pending = new Queue<(int Block, BasicBlock Control)>(_form.Graph.Blocks.Index().Where(b => EndDepends(b.Item)));
        while (pending.TryDequeue(out var next))
            foreach (var block in _controlled[next.Block])
            {
                if (found[block] is not null) continue;
                found[block] = next.Control;
                pending.Enqueue((block, next.Control));
            }

        return found;
    }

    /// <summary>Lists for each block those on which its end decides.</summary>
    private static HashSet<int>[] Controlled(FlowGraph graph)
    {
        var controlled = graph.Blocks.Select(_ => new HashSet<int>()).ToArray();
        for (var block = 0; block < controlled.Length; block++)
        {
            if (graph.Successors[block].Count < 2) continue;
            foreach (var successor in graph.Successors[block])
                for (var runner = successor; runner != graph.ImmediatePostDominators[block] && runner >= 0; runner = graph.ImmediatePostDominators[runner])
                    if (!controlled[block].Add(runner))
                        break;
        }

        return controlled;
    }
}
