namespace Broker.Ptx.Verify;

/// <summary>Is the class of a launch, and what keeps it from a stronger one.</summary>
/// <param name="Reasons">In the order of the text; none for a launch that is exact.</param>
public sealed record Classification(KernelClass Class, IReadOnlyList<ClassReason> Reasons);

/// <summary>Says what allows a launch no better class than this.</summary>
/// <param name="Line">The line of the text that was parsed.</param>
/// <param name="Remedy">What a submitter can do about it.</param>
public sealed record ClassReason(KernelClass Class, int Line, string Cause, string Remedy)
{
    public override string ToString() => $"line {Line}: {Cause}; {Remedy}";
}
