using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is the body of an entry with no scope and no call left in it.</summary>
internal sealed record FlatBody(Function Entry, IReadOnlyList<Statement> Statements, IReadOnlyList<Variable> Variables);

/// <summary>Puts the body of each called function in the place of its call, with registers, labels and memory of its own.</summary>
/// <remarks>
/// So barriers may stand in functions, and no call can overflow a stack. A call through a pointer becomes a choice between the
/// functions to which it may lead. Recursion is not supported yet: copies to some depth would double with each call of a function that calls
/// itself twice, so it takes frames in local memory, with addresses of variables that are known only as the kernel runs.
/// </remarks>
internal sealed class InlineCalls
{
    // Labels, variables and what a call copies count too: functions multiply them as they do instructions.
    private const int MaxInstructions = 1 << 16;

    // Each call inside a call takes stack of the thread that compiles.
    private const int MaxDepth = 128;

    private readonly ParsedModule _module;
    private readonly Function _entry;
    private readonly FunctionAddresses _addresses;
    private readonly List<Statement> _statements = [];
    private readonly List<Variable> _variables = [];
    private readonly Stack<string> _callers = [];
    private int _instructions;

    private InlineCalls(ParsedModule module, Function entry) => (_module, _entry, _addresses) = (module, entry, new FunctionAddresses(module));

    public static FlatBody Run(ParsedModule module, Function entry)
    {
        var inliner = new InlineCalls(module, entry);
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
                case VariableStatement { Variable: var variable }:
                    Count(1);
                    _variables.Add(renaming.Own(variable));
                    break;
                case LabelStatement label: Add(renaming.Of(label.Label)); break;
                case TargetsStatement targets:
                    Count(targets.Targets.Count);
                    _statements.Add(renaming.Of(targets));
                    break;
                case InstructionStatement { Instruction: { Opcode: "call" } call }:
                    // The list of a call's targets is named in the function, before labels get names of their own.
                    Count(1);
                    Call(renaming.Of(call), CandidatesOf(function, call));
                    break;
                case InstructionStatement { Instruction: var instruction }: Append(renaming.Of(instruction), end); break;
                default: Count(1); break;
            }
        }

        _callers.Pop();
    }

    private void Count(int more)
    {
        _instructions += more;
        if (_instructions > MaxInstructions)
            throw new PtxException(new PtxError(PtxErrorKind.NotSupported, _entry.Line, _entry.Column, $"kernels of more than {MaxInstructions} instructions, with labels and variables"));
    }

    private void Append(Instruction instruction, Label? end)
    {
        if (instruction.Opcode == "ret" && end is not null)
            Add(CallArguments.InPlaceOf(instruction, "bra", [], new LabelOperand(end)) with { Guard = instruction.Guard });
        else
            Add(instruction with { Operands = [.. instruction.Operands.Select(o => o is FunctionOperand f ? AddressOf(instruction, f.Name) : o)] });
    }

    private ImmediateOperand AddressOf(Instruction instruction, string function) =>
        _addresses.Find(function) is { } address
            ? new ImmediateOperand(new Literal(LiteralKind.Integer, address))
            : throw new PtxException(InstructionTable.NotSupported(instruction, $"the address of the kernel '{function}'"));

    /// <summary>Lists the functions to which a call may lead.</summary>
    private List<Function> CandidatesOf(Function caller, Instruction call)
    {
        if (CallArguments.CalleeOf(call) is FunctionOperand) return [];
        if (call.Operands[^1] is not LabelOperand { Label: var label })
            throw new PtxException(InstructionTable.Malformed(call, "names neither targets nor a prototype"));
        foreach (var statement in caller.Statements())
        {
            if (statement is PrototypeStatement prototype && prototype.Name.Target == label.Target) return [.. _addresses.Fitting(prototype)];
            if (statement is CallTargetsStatement targets && targets.Name.Target == label.Target) return [.. targets.Functions.Select(name => BodyOf(call, name))];
        }

        throw new PtxException(InstructionTable.Malformed(call, $"wants targets or a prototype, which '{label}' is not"));
    }

    private void Call(Instruction call, List<Function> candidates)
    {
        var after = new Label("after call");
        if (call.Guard is { } guard)
        {
            var otherwise = guard is NegatedOperand negated ? negated.Inner : new NegatedOperand(guard);
            Add(CallArguments.InPlaceOf(call, "bra", [], new LabelOperand(after)) with { Guard = otherwise });
            call = call with { Guard = null };
        }

        if (CallArguments.CalleeOf(call) is RegisterOperand pointer) CallThrough(call, pointer, candidates, after);
        else CallByName(call, ((FunctionOperand)CallArguments.CalleeOf(call)).Name, after);
        Add(after);
    }

    private void CallByName(Instruction call, string name, Label after)
    {
        if (!_module.Functions.Any(f => f.Name == name && f.Body is not null) && SystemCalls.FindParameters(name) is { } parameters)
        {
            CallSystem(call, name, parameters);
            return;
        }

        var callee = BodyOf(call, name);
        if (_callers.Contains(name)) throw new PtxException(InstructionTable.NotSupported(call, $"the recursive call of '{name}'"));
        Inline(call, callee, after);
    }

    private Function BodyOf(Instruction call, string name)
    {
        var aliased = _module.Aliases.GetValueOrDefault(name, name);
        return _module.Functions.FirstOrDefault(f => f.Name == aliased && f.Body is not null && !f.IsEntry)
            ?? throw new PtxException(InstructionTable.NotSupported(call, $"a call of '{name}', whose body is not in the text"));
    }

    /// <summary>Compares a pointer with the address of each function that it may mean; a function that would call itself is none of them.</summary>
    private void CallThrough(Instruction call, RegisterOperand pointer, List<Function> candidates, Label after)
    {
        foreach (var candidate in candidates.Where(c => !_callers.Contains(c.Name)))
        {
            var (differs, next) = (new RegisterOperand(new Register("differs", ScalarType.Predicate)), new Label("next candidate"));
            Add(CallArguments.InPlaceOf(call, "setp", ["ne", $"u{pointer.Register.Type.Bits}"], differs, pointer, AddressOf(call, candidate.Name)));
            Add(CallArguments.InPlaceOf(call, "bra", [], new LabelOperand(next)) with { Guard = differs });
            Inline(call, candidate, after);
            Add(CallArguments.InPlaceOf(call, "bra", [], new LabelOperand(after)));
            Add(next);
        }

        Add(SystemCalls.CallNowhere(call, pointer));
    }

    /// <param name="after">Where the caller goes on.</param>
    private void Inline(Instruction call, Function callee, Label after)
    {
        if (_callers.Count > MaxDepth) throw new PtxException(InstructionTable.NotSupported(call, $"calls that lie more than {MaxDepth} deep"));
        var renaming = new Renaming();
        var arguments = new CallArguments(call, renaming, _variables);
        var results = arguments.TakeResults(callee.Results);
        // What a function takes of the stack it gives back as it ends.
        var top = callee.Statements().OfType<InstructionStatement>().Any(s => s.Instruction.Opcode == "alloca") ? new RegisterOperand(new Register("top", ScalarType.U64)) : null;
        if (top is not null) Add(CallArguments.InPlaceOf(call, "stacksave", ["u64"], top));
        foreach (var instruction in arguments.Pass(callee.Parameters)) Add(instruction);
        if (results.Count == 0 && top is null)
        {
            Append(callee, renaming, after);
            return;
        }

        var end = new Label($"after {callee.Name}");
        Append(callee, renaming, end);
        Add(end);
        if (top is not null) Add(CallArguments.InPlaceOf(call, "stackrestore", ["u64"], top));
        foreach (var instruction in results) Add(instruction);
    }

    private void CallSystem(Instruction call, string name, IReadOnlyList<ScalarType> parameters)
    {
        var given = CallArguments.ArgumentsOf(call);
        if (given.Count < parameters.Count) throw Misfit(call);
        List<Operand> arguments = [.. given.Zip(parameters, (operand, type) => Read(call, operand, type))];
        if (name == SystemCalls.FailAssertion)
        {
            Add(SystemCalls.CallFailAssertion(call, arguments));
            return;
        }

        var result = new RegisterOperand(new Register("printed", ScalarType.U32));
        Add(SystemCalls.CallPrint(call, result, arguments));
        switch (CallArguments.ResultsOf(call))
        {
            case [SymbolOperand { Variable.Bytes: >= 4 } place]: Add(CallArguments.InPlaceOf(call, "st", ["param", "b32"], new AddressOperand(place, 0), result)); break;
            case [RegisterOperand register]: Add(CallArguments.InPlaceOf(call, "mov", ["b32"], register, result)); break;
            case [] or [SinkOperand]: break;
            default: throw Misfit(call);
        }
    }

    /// <summary>Loads an argument that lies in a variable into a register.</summary>
    private Operand Read(Instruction call, Operand argument, ScalarType type)
    {
        if (argument is not SymbolOperand symbol) return argument is RegisterOperand { Register.Type: var held } && held.Bits != type.Bits ? throw Misfit(call) : argument;
        if (symbol.Variable.Bytes < type.Bytes) throw Misfit(call);
        var register = new RegisterOperand(new Register(symbol.Variable.Name, type));
        Add(CallArguments.InPlaceOf(call, "ld", ["param", type.ToString()], register, new AddressOperand(symbol, 0)));
        return register;
    }

    private static PtxException Misfit(Instruction call) => new(InstructionTable.Malformed(call, "does not give what the function takes"));

    private void Add(Instruction instruction) => Add(new InstructionStatement(instruction));

    private void Add(Label label) => Add(new LabelStatement(label));

    private void Add(Statement statement)
    {
        Count(1);
        _statements.Add(statement);
    }
}
