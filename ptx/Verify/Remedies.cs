using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Says what a submitter can do about what weakens a class.</summary>
internal static class Remedies
{
    public const string Replicate = "ask for 'replicate'";
    public const string Fold = "sum in integers or fixed point, or in a fixed tree inside each block";
    public const string NoOrder = "give each thread a place of its own instead of one that depends on who comes first";
    public const string Affine = "compute the place from thread indices and parameters alone, or ask for 'replicate'";
    public const string Bounds = "guard the store so that no thread of this launch leaves the buffer";
    public const string Addresses = "use addresses only to load and store";

    public static string For(Instruction instruction) => instruction.Opcode switch
    {
        "ex2" => "it comes from expf or exp2f; include exact_math.cuh",
        "lg2" => "it comes from logf or log2f; include exact_math.cuh",
        "sin" => "it comes from sinf; include exact_math.cuh",
        "cos" => "it comes from cosf; include exact_math.cuh",
        "tanh" => "it comes from tanhf; include exact_math.cuh",
        "rsqrt" => "it comes from rsqrtf; include exact_math.cuh",
        "sqrt" => "it comes from -prec-sqrt=false or fast math; use sqrt.rn",
        "div" or "rcp" => "it comes from fast math; use div.rn, which is what clang and nvcc emit by default",
        "mma" when instruction.Has("s32") => "leave out .satfinite",
        "mma" => "its sums are rounded as each architecture likes; use fma.rn in a fixed order",
        "activemask" => "name the threads in a mask of your own",
        _ => "leave it out",
    };
}
