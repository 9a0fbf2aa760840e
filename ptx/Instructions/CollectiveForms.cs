using Broker.Ptx.Arithmetic;

namespace Broker.Ptx.Instructions;

/// <summary>Lists barriers, and what the threads of a warp do together (PTX ISA 9.7.9.5, 9.7.9.6 and 9.7.13).</summary>
/// <remarks>
/// Where the ISA leaves a value open, the engine fixes it: a shuffle from a lane that does not take part gives the thread's own
/// value, <c>elect.sync</c> takes the lowest lane, and instructions without a member mask take the threads that wait at the same place
/// once no thread of the warp can do anything else, those that come first in the text before others.
/// </remarks>
internal static class CollectiveForms
{
    private static readonly (string Opcode, string Pattern, string Operands, WarpOperation Operation)[] Collectives =
    [
        ("shfl", "sync up b32", "dq x lane clamp mask", CollectiveMath.ShuffleUp),
        ("shfl", "sync down b32", "dq x lane clamp mask", CollectiveMath.ShuffleDown),
        ("shfl", "sync bfly b32", "dq x lane clamp mask", CollectiveMath.ShuffleButterfly),
        ("shfl", "sync idx b32", "dq x lane clamp mask", CollectiveMath.ShuffleIndexed),
        ("shfl", "up b32", "dq x lane clamp", CollectiveMath.ShuffleUp),
        ("shfl", "down b32", "dq x lane clamp", CollectiveMath.ShuffleDown),
        ("shfl", "bfly b32", "dq x lane clamp", CollectiveMath.ShuffleButterfly),
        ("shfl", "idx b32", "dq x lane clamp", CollectiveMath.ShuffleIndexed),
        ("vote", "sync all pred", "po p mask", CollectiveMath.All),
        ("vote", "sync any pred", "po p mask", CollectiveMath.Any),
        ("vote", "sync uni pred", "po p mask", CollectiveMath.Uniform),
        ("vote", "sync ballot b32", "d p mask", CollectiveMath.Ballot),
        ("vote", "all pred", "po p", CollectiveMath.All),
        ("vote", "any pred", "po p", CollectiveMath.Any),
        ("vote", "uni pred", "po p", CollectiveMath.Uniform),
        ("vote", "ballot b32", "d p", CollectiveMath.Ballot),
        ("match", "any sync b32", "d:b32 x mask", CollectiveMath.MatchAny),
        ("match", "any sync b64", "d:b32 x mask", CollectiveMath.MatchAnyWide),
        ("match", "all sync b32", "dq:b32 x mask", CollectiveMath.MatchAll),
        ("match", "all sync b64", "dq:b32 x mask", CollectiveMath.MatchAllWide),
        ("redux", "sync add <u32|s32>", "d x mask", CollectiveMath.Sum),
        ("redux", "sync min s32", "d x mask", CollectiveMath.MinS32),
        ("redux", "sync max s32", "d x mask", CollectiveMath.MaxS32),
        ("redux", "sync min u32", "d x mask", CollectiveMath.MinU32),
        ("redux", "sync max u32", "d x mask", CollectiveMath.MaxU32),
        ("redux", "sync and b32", "d x mask", CollectiveMath.And),
        ("redux", "sync or b32", "d x mask", CollectiveMath.Or),
        ("redux", "sync xor b32", "d x mask", CollectiveMath.Xor),
        ("redux", "sync min f32", "d x mask", CollectiveMath.MinF32),
        ("redux", "sync max f32", "d x mask", CollectiveMath.MaxF32),
        ("redux", "sync min NaN f32", "d x mask", CollectiveMath.MinNaNF32),
        ("redux", "sync max NaN f32", "d x mask", CollectiveMath.MaxNaNF32),
        ("redux", "sync min abs f32", "d x mask", CollectiveMath.MinAbsoluteF32),
        ("redux", "sync max abs f32", "d x mask", CollectiveMath.MaxAbsoluteF32),
        ("redux", "sync min abs NaN f32", "d x mask", CollectiveMath.MinAbsoluteNaNF32),
        ("redux", "sync max abs NaN f32", "d x mask", CollectiveMath.MaxAbsoluteNaNF32),
        ("elect", "sync", "dq:b32 mask", CollectiveMath.Elect),
        ("activemask", "b32", "d", CollectiveMath.ActiveMask),
        ("bar", "warp sync", "mask", static _ => { }),
    ];

    public static IEnumerable<InstructionForm> All =>
    [
        .. Collectives.Select(c => ControlForms.Flow(c.Opcode, c.Pattern, c.Operands) with { Collective = _ => c.Operation }),
        .. Barrier("bar", ""),
        .. Barrier("barrier", " {aligned}"),
    ];

    private static IEnumerable<InstructionForm> Barrier(string opcode, string aligned) =>
    [
        ControlForms.Flow(opcode, $"{{cta}} sync{aligned}", "barrier threads?"),
        ControlForms.Flow(opcode, $"{{cta}} arrive{aligned}", "barrier threads"),
        .. Reduction(opcode, $"{{cta}} red popc{aligned} u32", "d"),
        .. Reduction(opcode, $"{{cta}} red <and|or>{aligned} pred", "po"),
    ];

    private static IEnumerable<InstructionForm> Reduction(string opcode, string pattern, string result) =>
    [
        ControlForms.Flow(opcode, pattern, $"{result} barrier p"),
        ControlForms.Flow(opcode, pattern, $"{result} barrier threads p"),
    ];
}
