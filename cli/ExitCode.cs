namespace Broker.Cli;

/// <summary>What a command's exit code says; <c>broker --help</c> lists them.</summary>
public enum ExitCode
{
    Ok = 0,

    /// <summary>The job or the check failed.</summary>
    Failed = 1,

    /// <summary>The command line or the document is wrong.</summary>
    BadInput = 2,

    /// <summary>The broker cannot be reached, or does not permit it.</summary>
    Refused = 3,

    /// <summary>This machine lacks something: Node, clang, a build.</summary>
    Environment = 4,

    /// <summary>128 and the number of SIGINT, as shells have it.</summary>
    Cancelled = 130,
}
