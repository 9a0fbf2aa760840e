using System.Reflection.Emit;
using Broker.Ptx.Emit;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Instructions;

/// <summary>Lists what tells a chip how its caches and registers will be used (PTX ISA 9.7.9.13 to 9.7.9.19 and 9.7.19.5).</summary>
/// <remarks>
/// None of it changes a value, so that doing nothing is right: <c>discard</c> allows memory to forget, and does not ask it to. There is no
/// cache here whose policies could differ, so all policies are one number.
/// </remarks>
internal static class HintForms
{
    private const string First = "<L2::evict_last|L2::evict_normal|L2::evict_first|L2::evict_unchanged>";
    private const string Second = "{L2::evict_first|L2::evict_unchanged}";

    public static IEnumerable<InstructionForm> All =>
    [
        Hint("prefetch", "{global|local} <L1|L2>", "m"),
        Hint("prefetch", "{global} <L2::evict_last|L2::evict_normal>", "m"),
        Hint("prefetchu", "L1", "m"),
        Hint("applypriority", "{global} L2::evict_normal", "m number:128"),
        Hint("discard", "{global} L2", "m number:128"),
        Hint("setmaxnreg", "<inc|dec> sync aligned u32", "number"),
        new("createpolicy", $"fractional {First} {Second} b64", "d s:f32?", Policy),
        new("createpolicy", $"range {{global}} {First} {Second} b64", "d m s:u32 s:u32", Policy, Traits.Hints),
        new("createpolicy", "cvt L2 b64", "d s:b64", Policy),
    ];

    private static InstructionForm Hint(string opcode, string pattern, string operands) => new(opcode, pattern, operands, (_, _) => { }, Traits.Hints);

    private static void Policy(ScalarEmitter emitter, Instruction instruction)
    {
        emitter.Il.Emit(OpCodes.Ldc_I8, 0L);
        emitter.Store(instruction, 0);
    }
}
