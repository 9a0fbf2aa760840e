using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is the body of an entry with no scope and no call left in it.</summary>
internal sealed record FlatBody(Function Entry, IReadOnlyList<Statement> Statements, IReadOnlyList<Variable> Variables);

/// <summary>Puts the body of each called function in the place of its call, with registers, labels and memory of its own.</summary>
/// <remarks>So barriers may stand in functions, and no call can overflow a stack. Recursion is not supported yet.</remarks>
internal sealed class InlineCalls
{
    private const int MaxInstructions = 1 << 16;

    private readonly ParsedModule _module;
    private readonly List<Statement> _statements = [];
    private readonly List<Variable> _variables = [];
    private readonly Stack<string> _callers = [];
    private int _instructions;

    private InlineCalls(ParsedModule module) => _module = module;

    public static FlatBody Run(ParsedModule module, Function entry)
    {
        var inliner = new InlineCalls(module);
        inliner.Append(entry, new Renaming(), null);
        return new FlatBody(entry, inliner._statements, inliner._variables);
    }

    /// <param name="end">Where a return goes; null in the entry, where it ends the thread.</param>
    private void Append(Function function, Renaming renaming, Label? end)
    {
        _callers.Push(function.Name);
        foreach (var statement in function.Statements())
        {
            switch (statement)
            {
                case VariableStatement { Variable: var variable }: _variables.Add(renaming.Own(variable)); break;
                case LabelStatement label: _statements.Add(new LabelStatement(renaming.Of(label.Label))); break;
                case TargetsStatement targets: _statements.Add(renaming.Of(targets)); break;
                case InstructionStatement { Instruction: var instruction }: Append(renaming.Of(instruction), end); break;
            }
        }

        _callers.Pop();
    }

    private void Append(Instruction instruction, Label? end)
    {
        if (++_instructions > MaxInstructions)
            throw new PtxException(InstructionTable.NotSupported(instruction, $"kernels of more than {MaxInstructions} instructions"));
        if (instruction.Opcode == "ret" && end is not null) Add(InPlaceOf(instruction, "bra", [], new LabelOperand(end)));
        else if (instruction.Opcode == "call") Call(instruction);
        else Add(instruction);
    }

    private void Call(Instruction call)
    {
        var name = call.Operands.OfType<FunctionOperand>().Single().Name;
        var callee = _module.Functions.FirstOrDefault(f => f.Name == name && f.Body is not null && !f.IsEntry);
        var parameters = callee is null ? SystemCalls.FindParameters(name) : null;
        if (callee is null && parameters is null) throw new PtxException(InstructionTable.NotSupported(call, $"a call of '{name}', whose body is not in the text"));
        if (_callers.Contains(name)) throw new PtxException(InstructionTable.NotSupported(call, $"the recursive call of '{name}'"));
        var end = new Label($"after {name}");
        if (call.Guard is { } guard)
        {
            var otherwise = guard is NegatedOperand negated ? negated.Inner : new NegatedOperand(guard);
            Add(InPlaceOf(call, "bra", [], new LabelOperand(end)) with { Guard = otherwise });
        }

        if (callee is null) CallSystem(call, name, parameters!);
        else Inline(call, callee, end);
        _statements.Add(new LabelStatement(end));
    }

    private void Inline(Instruction call, Function callee, Label end)
    {
        var renaming = new Renaming();
        Bind(call, callee.Results, call.Operands.TakeWhile(o => o is not FunctionOperand), renaming);
        Bind(call, callee.Parameters, call.Operands.SkipWhile(o => o is not FunctionOperand), renaming);
        Append(callee, renaming, end);
    }

    private void CallSystem(Instruction call, string name, IReadOnlyList<ScalarType> parameters)
    {
        var given = call.Operands.SkipWhile(o => o is not FunctionOperand).OfType<ListOperand>().SelectMany(l => l.Elements).ToList();
        if (given.Count < parameters.Count) throw new PtxException(InstructionTable.Malformed(call, "does not give what the function takes"));
        List<Operand> arguments = [.. given.Zip(parameters, (operand, type) => Read(call, (SymbolOperand)operand, type))];
        if (name == SystemCalls.FailAssertion)
        {
            Add(SystemCalls.CallFailAssertion(call, arguments));
            return;
        }

        var result = new RegisterOperand(new Register("printed", ScalarType.U32));
        Add(SystemCalls.CallPrint(call, result, arguments));
        if (call.Operands[0] is not ListOperand { Elements: [SymbolOperand place] }) return;
        CheckBytes(call, place.Variable, 4);
        Add(InPlaceOf(call, "st", ["param", "b32"], new AddressOperand(place, 0), result) with { Guard = null });
    }

    /// <summary>Loads an argument into a register.</summary>
    private RegisterOperand Read(Instruction call, SymbolOperand argument, ScalarType type)
    {
        CheckBytes(call, argument.Variable, type.Bytes);
        var register = new RegisterOperand(new Register(argument.Variable.Name, type));
        Add(InPlaceOf(call, "ld", ["param", type.ToString()], register, new AddressOperand(argument, 0)) with { Guard = null });
        return register;
    }

    private static void CheckBytes(Instruction call, Variable variable, int bytes)
    {
        if (variable.Bytes < bytes) throw new PtxException(InstructionTable.Malformed(call, "does not give what the function takes"));
    }

    /// <summary>Makes the caller's variables those of the callee, which reads and writes them in place.</summary>
    private static void Bind(Instruction call, IReadOnlyList<Variable> parameters, IEnumerable<Operand> operands, Renaming renaming)
    {
        var given = operands.OfType<ListOperand>().SelectMany(l => l.Elements).Cast<SymbolOperand>().Select(s => s.Variable).ToList();
        if (given.Count != parameters.Count || given.Zip(parameters).Any(pair => pair.First.Bytes < pair.Second.Bytes))
            throw new PtxException(InstructionTable.Malformed(call, "does not give what the function takes"));
        foreach (var (argument, parameter) in given.Zip(parameters)) renaming.Bind(parameter, argument);
    }

    private void Add(Instruction instruction) => _statements.Add(new InstructionStatement(instruction));

    private static Instruction InPlaceOf(Instruction original, string opcode, IReadOnlyList<string> modifiers, params Operand[] operands)
    {
        var instruction = new Instruction(opcode, modifiers, operands, original.Line, original.Column) { Guard = original.Guard };
        return InstructionTable.Select(instruction).Instruction;
    }
}
