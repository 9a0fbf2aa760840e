using System.Collections.Immutable;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Core.Jobs;

/// <summary>What a submitter asks for: a program, its steps, its buffers, and the terms. Valid by construction of its reader.</summary>
public sealed record JobDocument
{
    public string Name { get; init; } = "job";

    public PoolName Pool { get; init; } = PoolName.Default;

    public required ProgramSource Program { get; init; }

    /// <summary>In the order of the document.</summary>
    public ImmutableArray<BufferSpec> Buffers { get; init; } = [];

    public required ImmutableArray<StepSpec> Steps { get; init; }

    public Requirements Requires { get; init; } = new();

    public Terms Terms { get; init; } = new();

    /// <summary>How its result is verified; null leaves it to the class of the job, until the document is resolved.</summary>
    public VerificationSpec? Verification { get; init; }

    /// <summary>The device memory that the buffers take, each rounded up to the 256 bytes that its base is aligned to.</summary>
    public long BufferBytes => Buffers.Sum(buffer => (buffer.Bytes + 255) / 256 * 256);

    /// <summary>Every content that it names, each once.</summary>
    public IEnumerable<ContentHash> Contents =>
        Buffers.Select(buffer => buffer.Content).Append(Program.Content).OfType<ContentHash>().Distinct();

    public BufferSpec? FindBuffer(string name) => Buffers.FirstOrDefault(buffer => buffer.Name == name);
}

/// <summary>The program: content by hash, or PTX inside the document. Exactly one of the two is set.</summary>
public sealed record ProgramSource(ContentHash? Content, string? Ptx);

/// <summary>What a kernel may do with a buffer, and what becomes of it.</summary>
public enum BufferRole { Input, Output, Inout, Scratch }

/// <summary>A named piece of device memory. Output and scratch start as zeros.</summary>
/// <param name="Name">Its name in the document.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Bytes">Its size; 0 while the size of its content has not been looked up.</param>
/// <param name="Content">What it starts with; set for input and inout.</param>
public sealed record BufferSpec(string Name, BufferRole Role, long Bytes, ContentHash? Content)
{
    public bool IsResult => Role is BufferRole.Output or BufferRole.Inout;
}

/// <summary>One kernel launch, made <paramref name="Repeat"/> times.</summary>
public sealed record StepSpec(
    string Kernel, Dimensions Grid, Dimensions Block, int SharedBytes, int Repeat, ImmutableArray<Argument> Arguments);

/// <summary>How an argument is written in the document.</summary>
public enum ArgumentKind { Buffer, U32, S32, U64, S64, F32, F64, Bytes }

/// <summary>One kernel argument.</summary>
/// <param name="Kind">How it is written.</param>
/// <param name="Buffer">The buffer's name, for <see cref="ArgumentKind.Buffer"/>.</param>
/// <param name="Offset">Bytes into the buffer, for <see cref="ArgumentKind.Buffer"/>.</param>
/// <param name="Value">The argument's bytes, little-endian, for every other kind.</param>
public sealed record Argument(ArgumentKind Kind, string? Buffer, long Offset, ImmutableArray<byte> Value);

/// <summary>What a device must have.</summary>
public sealed record Requirements
{
    /// <summary>Device memory in bytes; never less than what the buffers take.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>The least compute capability, times ten: 70 is 7.0.</summary>
    public int ComputeCapability { get; init; }

    /// <summary>The share of a device, from 0 to 1, in thousandths.</summary>
    public int ShareThousandths { get; init; }
}

/// <summary>What a submitter agrees to.</summary>
public sealed record Terms
{
    public Money MaxPrice { get; init; } = new(1_000_000);

    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromHours(1);

    public DateTimeOffset? Deadline { get; init; }

    public int Attempts { get; init; } = 3;

    /// <summary>What an hour of waiting and running costs the submitter.</summary>
    public Money DelayValuePerHour { get; init; }

    /// <summary>How long the submitter believes that the job runs.</summary>
    public TimeSpan? Estimate { get; init; }
}
