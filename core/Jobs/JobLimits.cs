namespace Broker.Core.Jobs;

/// <summary>The limits of a job document. CUDA's are from the programming guide, "Technical Specifications per Compute Capability".</summary>
public static class JobLimits
{
    /// <summary>Of the document as it is sent, inline PTX included.</summary>
    public const int RequestBytes = 128 * 1024;

    /// <summary>Of the document without its program: it is stored in one row of 64 KiB a property.</summary>
    public const int DocumentBytes = 60 * 1024;

    public const int InlinePtxBytes = 32 * 1024;

    public const int NameLength = 100;

    public const int Buffers = 64;

    public const long BufferBytes = 64L << 30;

    /// <summary>Of all output and inout buffers of a job together.</summary>
    public const long OutputBytes = 16L << 30;

    public const int Steps = 64;

    public const int Repeat = 1_000_000;

    public const int Arguments = 128;

    /// <summary>Of a kernel's parameters together (PTX ISA, "Kernel Function Parameters", before version 8.1).</summary>
    public const int ParameterBytes = 4352;

    public const long GridX = int.MaxValue;

    public const long GridYZ = 65_535;

    public const long BlockXY = 1024;

    public const long BlockZ = 64;

    public const long BlockThreads = 1024;

    /// <summary>Static and dynamic together, at compute capability 9.0.</summary>
    public const int SharedBytes = 227 * 1024;

    public const int Attempts = 10;

    /// <summary>Of a price and of what an hour's delay is worth. What is billed, a tenth above a quote, can still be written as money and read back.</summary>
    public static Money Credits { get; } = new(1_000_000_000_000_000);

    public static TimeSpan LongestTimeout { get; } = TimeSpan.FromDays(1);

    public static TimeSpan LongestQueueTimeout { get; } = TimeSpan.FromDays(7);
}
