using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is where the variables of a kernel lie in their spaces.</summary>
/// <param name="Places">Parameters, shared and local variables; what a call passes lies in local memory.</param>
internal sealed record MemoryLayout(
    IReadOnlyDictionary<Variable, (StateSpace Space, long Offset)> Places,
    IReadOnlyList<KernelParameter> Parameters,
    int SharedBytes,
    int LocalBytes);

/// <summary>Gives each variable that a kernel names its place.</summary>
internal static class LayOutMemory
{
    public const int MaxSharedBytes = 256 << 10;
    private const int MaxParameterBytes = 32764;
    private const int MaxLocalBytes = 512 << 10;

    public static MemoryLayout Run(FlatBody body)
    {
        if (body.Variables.FirstOrDefault(v => v.Space is StateSpace.Global or StateSpace.Constant) is { } inside)
            throw NotSupported(inside, $"'{inside.Name}': a .global or .const variable inside a function");
        var places = new Dictionary<Variable, (StateSpace, long)>();
        var parameters = Parameters(body.Entry, places);
        var named = Named(body).ToHashSet();
        var shared = named.Where(v => v.Space == StateSpace.Shared).OrderBy(v => v.Line).ThenBy(v => v.Column).ToList();
        var sharedBytes = Stack(shared.Where(v => !v.IsExtern), StateSpace.Shared, MaxSharedBytes, places);
        var dynamicStart = Align(sharedBytes, shared.Where(v => v.IsExtern).Select(v => v.Alignment).Append(16).Max());
        foreach (var variable in shared.Where(v => v.IsExtern)) places[variable] = (StateSpace.Shared, dynamicStart);
        if (shared.Any(v => v.IsExtern)) sharedBytes = dynamicStart;
        var local = body.Variables.Where(v => v.Space is StateSpace.Local or StateSpace.Parameter);
        var localBytes = Stack(local, StateSpace.Local, MaxLocalBytes, places);
        if (named.FirstOrDefault(v => v.Space is StateSpace.Local or StateSpace.Parameter && !places.ContainsKey(v)) is { } outside)
            throw NotSupported(outside, $"'{outside.Name}': a .local or .param variable outside functions");
        CheckStores(body);
        return new MemoryLayout(places, parameters, (int)sharedBytes, (int)Align(localBytes, 16));
    }

    private static List<KernelParameter> Parameters(Function entry, Dictionary<Variable, (StateSpace, long)> places)
    {
        var parameters = new List<KernelParameter>();
        long offset = 0;
        foreach (var variable in entry.Parameters)
        {
            offset = Align(offset, variable.Alignment);
            places[variable] = (StateSpace.Parameter, offset);
            var length = variable.Dimensions.Count > 0 ? $"[{variable.Bytes / variable.Type.Bytes}]" : "";
            parameters.Add(new KernelParameter(variable.Name, variable.Type + length, (int)variable.Bytes, variable.Alignment, (int)offset));
            offset += variable.Bytes;
            if (offset > MaxParameterBytes) throw NotSupported(variable, $"more than {MaxParameterBytes} bytes of parameters");
        }

        return parameters;
    }

    private static long Stack(
        IEnumerable<Variable> variables, StateSpace space, long limit, Dictionary<Variable, (StateSpace, long)> places)
    {
        long offset = 0;
        foreach (var variable in variables)
        {
            // What a call passes may be read in other pieces than it was written in.
            offset = Align(offset, space == StateSpace.Local ? Math.Max(variable.Alignment, 16) : variable.Alignment);
            places[variable] = (space, offset);
            offset += variable.Bytes;
            if (offset > limit) throw NotSupported(variable, $"more than {limit} bytes of {(space == StateSpace.Shared ? "shared" : "local")} memory");
        }

        return offset;
    }

    private static IEnumerable<Variable> Named(FlatBody body) =>
        body.Statements.OfType<InstructionStatement>().SelectMany(s => s.Instruction.Operands).SelectMany(Named);

    private static IEnumerable<Variable> Named(Operand operand) => operand switch
    {
        SymbolOperand symbol => [symbol.Variable],
        AddressOperand { Base: SymbolOperand symbol } => [symbol.Variable],
        VectorOperand vector => vector.Elements.SelectMany(Named),
        _ => [],
    };

    private static void CheckStores(FlatBody body)
    {
        foreach (var statement in body.Statements.OfType<InstructionStatement>())
        {
            var instruction = statement.Instruction;
            if (instruction.Opcode == "st"
                && instruction.Operands[0] is AddressOperand { Base: SymbolOperand symbol }
                && body.Entry.Parameters.Contains(symbol.Variable))
                throw new PtxException(InstructionTable.Malformed(instruction, "writes a parameter of the kernel"));
        }
    }

    public static long Align(long offset, long alignment) => (offset + alignment - 1) / alignment * alignment;

    private static PtxException NotSupported(Variable variable, string what) =>
        new(new PtxError(PtxErrorKind.NotSupported, variable.Line, variable.Column, what));
}
