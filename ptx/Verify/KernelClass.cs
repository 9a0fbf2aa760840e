namespace Broker.Ptx.Verify;

/// <summary>Says how the result of a launch can be verified, the strongest class first.</summary>
/// <remarks>A launch has the weakest of the classes that its instructions and accesses allow.</remarks>
public enum KernelClass { Exact, ExactCommutative, ExactScattered, SameArch, Tolerant, Unverifiable }

/// <summary>Names the classes as documents do.</summary>
public static class KernelClassWords
{
    public static string Word(this KernelClass kernelClass) => kernelClass switch
    {
        KernelClass.Exact => "exact",
        KernelClass.ExactCommutative => "exact-commutative",
        KernelClass.ExactScattered => "exact-scattered",
        KernelClass.SameArch => "same-arch",
        KernelClass.Tolerant => "tolerant",
        _ => "unverifiable",
    };
}
