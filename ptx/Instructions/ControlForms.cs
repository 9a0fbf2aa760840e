using System.Reflection.Emit;
using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists control flow and fences (PTX ISA 9.7.12 and 9.7.13).</summary>
internal static class ControlForms
{
    public static IEnumerable<InstructionForm> All =>
    [
        Flow("bra", "{uni}", "target"),
        Flow("brx", "idx {uni}", "s:u32 targets"),
        Flow("ret", "{uni}", ""),
        Flow("exit", "", ""),
        Flow("trap", "", ""),
        Flow("call", "{uni}", "callee args? targets?"),
        Flow("call", "{uni}", "args callee args? targets?"),
        Flow("call", "{uni}", "callee targets"),
        new("membar", "<cta|gl|sys>", "", Fence),
        new("fence", "{sc|acq_rel} <cta|cluster|gpu|sys>", "", Fence),
        new("fence", "proxy <alias|async>", "", Fence),
        new("fence", "proxy async <global|shared::cta|shared::cluster>", "", Fence),
        new("fence", "mbarrier_init release cluster", "", Fence),
        new("nanosleep", "u32", "s", Nothing),
        new("pmevent", "", "number", Nothing),
    ];

    public static InstructionForm Flow(string opcode, string pattern, string operands) =>
        new(opcode, pattern, operands, (_, i) => throw new System.Diagnostics.UnreachableException(i.Name), Traits.EndsBlock);

    private static void Nothing(ScalarEmitter emitter, Instruction instruction) { }

    private static void Fence(ScalarEmitter emitter, Instruction instruction) =>
        emitter.Il.Emit(OpCodes.Call, ((Action)Interlocked.MemoryBarrier).Method);
}
