using Broker.Ptx.Emit;
using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Tells policies that only hint: whatever number a chip makes of one, nothing but the policy of an access reads it.</summary>
internal sealed class CachePolicies(KernelPlan plan)
{
    private readonly HashSet<Register> _read =
        [.. plan.Blocks.SelectMany(b => b.Instructions.SelectMany(ReadAsData).Concat(Registers.ReadBy(b.End)))];

    public bool OnlyHints(Instruction instruction) =>
        instruction.Opcode == "createpolicy" && !Registers.WrittenBy(instruction).Any(_read.Contains);

    private static IEnumerable<Register> ReadAsData(Instruction instruction) => instruction.Operands
        .Where((_, i) => !instruction.Form!.Shapes[i].Writes && instruction.Form.Shapes[i].Role != OperandRole.Policy)
        .SelectMany(Registers.In);
}
