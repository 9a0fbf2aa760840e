namespace Broker.Ptx;

/// <summary>Says how a launch ended.</summary>
public enum LaunchStatus { Completed, Faulted, Cancelled }

/// <summary>Is the result of a launch.</summary>
/// <param name="Steps">The instructions that its threads ran; the same on every machine for a launch that completed.</param>
/// <param name="Fault">Null for a launch that completed. For one that was cancelled, where it was.</param>
public sealed record LaunchOutcome(LaunchStatus Status, long Steps, KernelFault? Fault);
