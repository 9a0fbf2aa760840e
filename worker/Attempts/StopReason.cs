namespace Broker.Worker.Attempts;

/// <summary>Why a run is stopped before its end.</summary>
internal enum StopReason
{
    None,

    /// <summary>The broker no longer wants it: the job was cancelled, or another worker has it.</summary>
    Withdrawn,

    /// <summary>Its message is gone or in other hands.</summary>
    LeaseLost,

    /// <summary>It ran longer than the job allows.</summary>
    TimedOut,

    /// <summary>This worker is stopping.</summary>
    Released,
}
