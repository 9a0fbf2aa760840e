namespace Broker.Ptx;

/// <summary>Says what a kernel did wrong, or why it was not let go on.</summary>
public enum FaultKind { OutOfBounds, Misaligned, ReadOnly, StepBudget, DivergentBarrier, Deadlock, MisusedCollective, BadCall, Trap, Assertion, Cancelled }

/// <summary>Describes why a launch did not complete: which thread of which block, at which line of the text that was parsed.</summary>
public sealed record KernelFault(FaultKind Kind, int Line, Dim3 Block, Dim3 Thread, string Message);
