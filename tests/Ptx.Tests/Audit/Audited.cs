using System.Runtime.InteropServices;
using Broker.Ptx.Audit;
using Broker.Ptx.Tests.Verify;

namespace Broker.Ptx.Tests.Audit;

/// <summary>Audits blocks of the small kernel of <see cref="Launched"/>.</summary>
internal static class Audited
{
    /// <summary>Audits one block of 4 with 32 threads, one by one and as lanes; the inputs hold 0, 1, 2, ...</summary>
    public static BlockAudit Run(string body, bool tracks = false, uint block = 1, Content? input = null, Content? output = null, long bytes = 512, RunOptions? options = null)
    {
        var audit = RunOnce(body, tracks, block, input, output, bytes, (options ?? new RunOptions()) with { Lanes = 1 });
        if (tracks) return audit;
        foreach (var lanes in (int[])[8, 16])
        {
            var other = RunOnce(body, tracks, block, input, output, bytes, (options ?? new RunOptions()) with { Lanes = lanes });
            Assert.Equal((lanes, audit.Status, audit.Fault, audit.FetchedBytes), (lanes, other.Status, other.Fault, other.FetchedBytes));
            Assert.Equal(audit.Findings.Select(f => (f.Kind, f.Line)), other.Findings.Select(f => (f.Kind, f.Line)));
            // Threads that run side by side have done before one of them faults what the others do after it.
            if (audit.Fault is not null) continue;
            Assert.Equal(audit.Steps, other.Steps);
            Assert.Equal(audit.Writes.Select(Show), other.Writes.Select(Show));
        }

        return audit;
    }

    private static string Show(BlockWrite write) => $"{write.Buffer}+{write.Start}: {Convert.ToHexString(write.Bytes.Span)} open {Convert.ToHexString(write.Unspecified.Span)}";

    private static BlockAudit RunOnce(string body, bool tracks, uint block, Content? input, Content? output, long bytes, RunOptions options)
    {
        input?.Reads.Clear();
        using var memory = new AuditMemory();
        return CompiledKernel.Compile(Module.Parse(Launched.Text(body)), "test")
            .Audit(Launch(memory, input, output, bytes), memory, new Dim3(block, 0, 0), tracks, options, TestContext.Current.CancellationToken);
    }

    public static bool Reproduces(FaultClaim claim, string body)
    {
        using var memory = new AuditMemory();
        return CompiledKernel.Compile(Module.Parse(Launched.Text(body)), "test")
            .Reproduces(claim, Launch(memory, null, null, 512), memory, new RunOptions(), TestContext.Current.CancellationToken);
    }

    public static uint[] Words(BlockWrite write) => MemoryMarshal.Cast<byte, uint>(write.Bytes.Span).ToArray();

    private static KernelLaunch Launch(AuditMemory memory, Content? input, Content? output, long bytes)
    {
        var buffers = new[]
        {
            memory.Allocate("out", bytes, true, output),
            memory.Allocate("in", bytes, false, input ?? new Content(bytes)),
            memory.Allocate("in2", bytes, false, new Content(bytes)),
        };
        return new KernelLaunch(
            new Dim3(4, 1, 1), new Dim3(32, 1, 1), 0, buffers.SelectMany(b => BitConverter.GetBytes(b.Address)).Concat(BitConverter.GetBytes(100u)).Concat(BitConverter.GetBytes(7u)).ToArray());
    }
}

/// <summary>Is the words 0, 1, 2, ... and counts what is read of it.</summary>
internal sealed class Content(long bytes) : IBufferContent
{
    public List<long> Reads { get; } = [];

    public void Read(long offset, Span<byte> destination)
    {
        Reads.Add(offset);
        Assert.True(offset + destination.Length <= bytes);
        for (var i = 0; i < destination.Length; i++) destination[i] = (byte)((offset + i) / 4 >> (int)(8 * ((offset + i) % 4)));
    }
}
