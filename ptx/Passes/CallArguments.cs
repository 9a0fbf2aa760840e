using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Gives the body of a called function what it takes, and the caller what it gives.</summary>
/// <remarks>A variable of the caller stands in for that of the function; registers and numbers are copied.</remarks>
internal sealed class CallArguments(Instruction call, Renaming renaming, ICollection<Variable> variables)
{
    public static IReadOnlyList<Operand> ResultsOf(Instruction call) => Elements(call.Operands.TakeWhile(o => !IsCallee(o)));

    public static IReadOnlyList<Operand> ArgumentsOf(Instruction call) => Elements(call.Operands.SkipWhile(o => !IsCallee(o)));

    public static Operand CalleeOf(Instruction call) => call.Operands.First(IsCallee);

    /// <summary>Makes the instructions that run before the body.</summary>
    public IEnumerable<Instruction> Pass(IReadOnlyList<Variable> parameters)
    {
        var given = ArgumentsOf(call);
        Check(given.Count == parameters.Count);
        foreach (var (argument, parameter) in given.Zip(parameters))
        {
            if (argument is SymbolOperand symbol) Bind(parameter, symbol.Variable);
            else if (parameter.Register is { } register) yield return Move(new RegisterOperand(renaming.Of(register)), argument, parameter.Type);
            else yield return InPlaceOf(call, "st", ["param", BitsOf(parameter.Type)], Own(parameter), argument);
        }
    }

    /// <summary>Makes the instructions that run after the body.</summary>
    public IReadOnlyList<Instruction> TakeResults(IReadOnlyList<Variable> results)
    {
        var wanted = ResultsOf(call);
        Check(wanted.Count == results.Count || wanted.Count == 0);
        var taken = new List<Instruction>();
        foreach (var (index, result) in results.Index())
        {
            var target = wanted.Count == 0 ? new SinkOperand() : wanted[index];
            if (target is SymbolOperand symbol) Bind(result, symbol.Variable);
            else if (result.Register is { } register)
            {
                if (target is RegisterOperand) taken.Add(Move(target, new RegisterOperand(renaming.Of(register)), result.Type));
            }
            else
            {
                var own = Own(result);
                if (target is RegisterOperand) taken.Add(InPlaceOf(call, "ld", ["param", BitsOf(result.Type)], target, own));
            }
        }

        return taken;
    }

    /// <summary>Makes an instruction that stands where another did, without its guard.</summary>
    public static Instruction InPlaceOf(Instruction original, string opcode, IReadOnlyList<string> modifiers, params Operand[] operands)
    {
        var (made, error) = InstructionTable.Select(new Instruction(opcode, modifiers, operands, original.Line, original.Column));
        return error is null ? made : throw new PtxException(error);
    }

    private Instruction Move(Operand target, Operand source, ScalarType type) => InPlaceOf(call, "mov", [BitsOf(type)], target, source);

    private void Bind(Variable parameter, Variable argument)
    {
        Check(parameter.Register is null && argument.Bytes >= parameter.Bytes);
        renaming.Bind(parameter, argument);
    }

    private AddressOperand Own(Variable parameter)
    {
        Check(parameter.Dimensions.Count == 0);
        var own = renaming.Own(parameter);
        variables.Add(own);
        return new AddressOperand(new SymbolOperand(own, 0), 0);
    }

    private void Check(bool fits)
    {
        if (!fits) throw new PtxException(InstructionTable.Malformed(call, "does not give what the function takes"));
    }

    private static string BitsOf(ScalarType type) => type == ScalarType.Predicate ? "pred" : $"b{type.Bits}";

    private static bool IsCallee(Operand operand) => operand is FunctionOperand or RegisterOperand;

    private static List<Operand> Elements(IEnumerable<Operand> operands) => [.. operands.OfType<ListOperand>().SelectMany(l => l.Elements)];
}
