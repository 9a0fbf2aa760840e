using Broker.Core.Jobs;

namespace Broker.Worker.Execution;

/// <summary>How an execution ended.</summary>
public enum ExecutionStatus { Completed, Faulted, Cancelled }

/// <summary>The result of running a job's steps.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Instructions">Executed PTX instructions; 0 where the device does not count them.</param>
/// <param name="Fault">What the kernel did, where it did what no kernel may.</param>
/// <param name="Where">Where a cancelled execution stood, in words; null where the device cannot tell.</param>
public sealed record ExecutionResult(ExecutionStatus Status, long Instructions, KernelFaultRecord? Fault = null, string? Where = null);
