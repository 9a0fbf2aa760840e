using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Audit;
using Broker.Verification;

namespace Broker.Tests;

/// <summary>A buffer of a job, and what it holds before.</summary>
internal sealed record MemoryBuffer(string Name, BufferRole Role, long Bytes, byte[]? Content)
{
    public static MemoryBuffer Input<T>(string name, params T[] values)
        where T : unmanaged => new(name, BufferRole.Input, values.LongLength * Marshal.SizeOf<T>(), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public static MemoryBuffer Inout<T>(string name, params T[] values)
        where T : unmanaged => Input(name, values) with { Role = BufferRole.Inout };

    public static MemoryBuffer Output(string name, long bytes) => new(name, BufferRole.Output, bytes, null);
}

/// <summary>A job with its program and its contents in memory, so that a check of it needs no storage.</summary>
internal sealed class MemoryJob(JobDocument document, string program, ImmutableDictionary<string, byte[]> contents) : IInputs
{
    private static readonly ConditionalWeakTable<byte[], StrongBox<GCHandle>> Pinned = [];

    public JobDocument Document => document;

    public string Program => program;

    public static MemoryJob Make(string program, VerificationMode mode, IReadOnlyList<MemoryBuffer> buffers, params ImmutableArray<StepSpec> steps) => new(
        new JobDocument
        {
            Program = new ProgramSource(ContentHash.Of(Encoding.UTF8.GetBytes(program)), null),
            Buffers = [.. buffers.Select(buffer => new BufferSpec(buffer.Name, buffer.Role, buffer.Bytes, buffer.Content is { } content ? ContentHash.Of(content) : null))],
            Steps = steps,
            Verification = new VerificationSpec { Mode = mode },
        },
        program,
        buffers.Where(buffer => buffer.Content is not null).ToImmutableDictionary(buffer => buffer.Name, buffer => buffer.Content!));

    /// <param name="kernel">The kernel.</param>
    /// <param name="grid">Its grid.</param>
    /// <param name="block">Its block.</param>
    /// <param name="arguments">A text is a buffer's name.</param>
    public static StepSpec Step(string kernel, Dimensions grid, Dimensions block, params object[] arguments) =>
        new(kernel, grid, block, 0, 1, [.. arguments.Select(Argument)]);

    public static Dimensions Size(long x, long y = 1, long z = 1) => new(x, y, z);

    public MemoryJob With(Func<JobDocument, JobDocument> change) => new(change(document), program, contents);

    public MemoryJob With(VerificationSpec verification) => With(its => its with { Verification = verification });

    /// <summary>The same job on other inputs.</summary>
    public MemoryJob WithContent(string buffer, byte[] content) => new(
        document with { Buffers = [.. document.Buffers.Select(its => its.Name == buffer ? its with { Content = ContentHash.Of(content) } : its)] }, program, contents.SetItem(buffer, content));

    public IBufferContent? Open(BufferSpec buffer) => contents.TryGetValue(buffer.Name, out var bytes) ? new Content(bytes, Pin(bytes)) : null;

    public byte[] ContentOf(string buffer) => contents[buffer];

    public LocalReexecution Reexecution(RunOptions? options = null) => new(document, program, this, options);

    /// <summary>Runs the whole job as a worker does.</summary>
    public MemoryResult Run(RunOptions? options = null)
    {
        var outcome = TryRun(options, out var result);
        return outcome.Status == LaunchStatus.Completed ? result : throw new InvalidOperationException($"it ended as {outcome.Status}: {outcome.Fault}");
    }

    /// <summary>The same for a job that may fault; the outcome is that of its last launch.</summary>
    public LaunchOutcome TryRun(RunOptions? options, out MemoryResult result)
    {
        using var memory = new DeviceMemory();
        var module = Module.Parse(program);
        var buffers = document.Buffers.ToDictionary(buffer => buffer.Name, buffer => memory.Allocate(buffer.Name, buffer.Bytes, buffer.Role != BufferRole.Input));
        foreach (var (name, content) in contents) buffers[name].Write(0, content);
        LaunchOutcome? outcome = null;
        foreach (var step in document.Steps)
        {
            var kernel = CompiledKernel.Compile(module, step.Kernel);
            for (var repetition = 0; repetition < step.Repeat && outcome?.Status is null or LaunchStatus.Completed; repetition++)
                outcome = kernel.Run(StepLaunch.Make(kernel.Signature, step, name => buffers[name].Address), memory, options ?? new RunOptions(), CancellationToken.None);
        }

        result = new MemoryResult([.. document.Buffers.Where(buffer => buffer.IsResult).Select(buffer => (buffer.Name, Read(buffers[buffer.Name], buffer.Bytes)))]);
        return outcome!;
    }

    /// <summary>The contents of tests are few: none is ever let go.</summary>
    private static GCHandle Pin(byte[] bytes) => Pinned.GetValue(bytes, its => new StrongBox<GCHandle>(GCHandle.Alloc(its, GCHandleType.Pinned))).Value;

    private static byte[] Read(DeviceBuffer buffer, long bytes)
    {
        var read = new byte[bytes];
        buffer.Read(0, read);
        return read;
    }

    private static Argument Argument(object value) => value switch
    {
        string buffer => new Argument(ArgumentKind.Buffer, buffer, 0, default),
        uint number => new Argument(ArgumentKind.U32, null, 0, [.. BitConverter.GetBytes(number)]),
        ulong number => new Argument(ArgumentKind.U64, null, 0, [.. BitConverter.GetBytes(number)]),
        float number => new Argument(ArgumentKind.F32, null, 0, [.. BitConverter.GetBytes(number)]),
        _ => throw new ArgumentException($"an argument cannot be a {value.GetType().Name}", nameof(value)),
    };

    /// <summary>Bytes that stay where they are for as long as the job is there.</summary>
    private sealed class Content(byte[] bytes, GCHandle pinned) : IMemoryContent
    {
        public nint Address => pinned.AddrOfPinnedObject();

        public long Bytes => bytes.LongLength;

        public void Read(long offset, Span<byte> destination) => bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
    }
}
