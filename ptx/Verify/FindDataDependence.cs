using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Finds the values that depend on what is loaded, directly or by the way that a thread takes, and what each block hangs on.</summary>
internal sealed class FindDataDependence
{
    private readonly KernelPlan _plan;
    private readonly SsaForm _form;
    private readonly IReadOnlyList<HashSet<int>> _controls;
    private readonly HashSet<SsaValue> _dependent = [];

    private FindDataDependence(KernelPlan plan, SsaForm form)
    {
        (_plan, _form) = (plan, form);
        _controls = Controls(form.Graph);
    }

    public static FindDataDependence Run(KernelPlan plan, SsaForm form)
    {
        var found = new FindDataDependence(plan, form);
        while (found.Spread()) { }
        return found;
    }

    /// <summary>Gets the branches of loaded data that decide whether a block runs.</summary>
    public BasicBlock? FindControl(BasicBlock block) =>
        ControlsOf(_form.Graph.NumberOf(block)).Select(c => _form.Graph.Blocks[c]).FirstOrDefault(EndDepends);

    /// <summary>Says whether a register that an instruction reads depends on loaded data.</summary>
    public bool Reads(Instruction instruction, Operand operand) => Registers.In(operand).Any(r => _dependent.Contains(_form.ReadBy(instruction, r)));

    private bool EndDepends(BasicBlock block) => Registers.ReadBy(block.End).Any(r => _dependent.Contains(_form.ReadAtEnd(block, r)));

    private bool Spread()
    {
        var before = _dependent.Count;
        foreach (var result in _form.Results)
            if (!_dependent.Contains(result) && Depends(result.Instruction))
                _dependent.Add(result);
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

    /// <summary>Gets all blocks whose ends decide whether a block runs, those that decide on the deciding ones too.</summary>
    private HashSet<int> ControlsOf(int block)
    {
        var found = new HashSet<int>();
        var pending = new Stack<int>([block]);
        while (pending.TryPop(out var next))
            foreach (var control in _controls[next])
                if (found.Add(control))
                    pending.Push(control);
        return found;
    }

    private static List<HashSet<int>> Controls(FlowGraph graph)
    {
        var controls = graph.Blocks.Select(_ => new HashSet<int>()).ToList();
        for (var block = 0; block < graph.Blocks.Count; block++)
        {
            if (graph.Successors[block].Count < 2) continue;
            foreach (var successor in graph.Successors[block])
                for (var runner = successor; runner != graph.ImmediatePostDominators[block] && runner >= 0; runner = graph.ImmediatePostDominators[runner])
                    if (!controls[runner].Add(block))
                        break;
        }

        return controls;
    }
}
