using System.Runtime.InteropServices;
using Broker.Ptx.Audit;
using Broker.Ptx.Tests.Verify;

namespace Broker.Ptx.Tests.Audit;

/// <summary>Audits whose inputs lie in this process's memory and are read there.</summary>
public sealed class InPlaceAuditTests : IDisposable
{
    private const int Bytes = 512;
    private readonly MemoryContent _input = new(Bytes);

    public void Dispose() => _input.Dispose();

    [Theory]
    [InlineData(1, false)]
    [InlineData(8, false)]
    [InlineData(16, false)]
    [InlineData(1, true)]
    public void An_input_is_read_where_it_lies(int lanes, bool tracks)
    {
        var audit = Run("ld.global.u32 %r1, [%in];\nadd.u32 %r1, %r1, %tx;\nst.global.u32 [%at], %r1;", lanes, tracks, writable: false);
        Assert.Equal((AuditStatus.Completed, 0L, 0), (audit.Status, audit.FetchedBytes, _input.Reads));
        Assert.Empty(audit.Findings);
        Assert.All(Audited.Words(Assert.Single(audit.Writes)).Select((word, thread) => word - thread), word => Assert.Equal(Audited.Words(audit.Writes[0])[0], (uint)word));
    }

    [Fact]
    public void A_buffer_that_kernels_may_write_to_is_copied()
    {
        var audit = Run("ld.global.u32 %r1, [%in];\nst.global.u32 [%in], %tx;\nst.global.u32 [%at], %r1;", 1, tracks: false, writable: true);
        Assert.Equal(AuditStatus.Completed, audit.Status);
        Assert.NotEqual(0, _input.Reads);
        Assert.True(_input.IsUnchanged);
    }

    [Theory]
    [InlineData("ld.global.u32 %r1, [%in2+508];", null)]
    [InlineData("ld.global.u32 %r1, [%in2+512];", FaultKind.OutOfBounds)]
    [InlineData("st.global.u32 [%in2], 1;", FaultKind.ReadOnly)]
    public void Its_bounds_hold(string body, FaultKind? fault) => Assert.Equal(fault, Run(body, 1, tracks: false, writable: false).Fault?.Kind);

    [Fact]
    public void Content_that_is_shorter_than_its_buffer_is_copied()
    {
        using var shorter = new MemoryContent(Bytes - 4);
        using var memory = new AuditMemory();
        var audit = Run(memory, "ld.global.u32 %r1, [%in];\nst.global.u32 [%at], %r1;", memory.Allocate("in", Bytes, false, shorter), 1, false);
        Assert.Equal(AuditStatus.Completed, audit.Status);
        Assert.NotEqual(0, shorter.Reads);
    }

    private BlockAudit Run(string body, int lanes, bool tracks, bool writable)
    {
        using var memory = new AuditMemory();
        return Run(memory, body, memory.Allocate("in", Bytes, writable, _input), lanes, tracks);
    }

    private static BlockAudit Run(AuditMemory memory, string body, AuditBuffer input, int lanes, bool tracks)
    {
        var output = memory.Allocate("out", Bytes);
        byte[] parameters = [.. BitConverter.GetBytes(output.Address), .. BitConverter.GetBytes(input.Address), .. BitConverter.GetBytes(input.Address), .. BitConverter.GetBytes(100u), .. BitConverter.GetBytes(7u)];
        return CompiledKernel.Compile(Module.Parse(Launched.Text(body)), "test")
            .Audit(new KernelLaunch(new Dim3(4, 1, 1), new Dim3(32, 1, 1), 0, parameters), memory, new Dim3(1, 0, 0), tracks, new RunOptions { Lanes = lanes }, TestContext.Current.CancellationToken);
    }

    private sealed class MemoryContent : IMemoryContent, IDisposable
    {
        private readonly byte[] _bytes;
        private readonly GCHandle _pinned;

        public MemoryContent(int bytes)
        {
            _bytes = [.. Enumerable.Range(0, bytes).Select(i => (byte)(7 * i))];
            _pinned = GCHandle.Alloc(_bytes, GCHandleType.Pinned);
        }

        public int Reads { get; private set; }

        public nint Address => _pinned.AddrOfPinnedObject();

        public long Bytes => _bytes.Length;

        public bool IsUnchanged => _bytes.Index().All(pair => pair.Item == (byte)(7 * pair.Index));

        public void Read(long offset, Span<byte> destination)
        {
            Reads++;
            var there = Math.Clamp(_bytes.Length - (int)offset, 0, destination.Length);
            _bytes.AsSpan((int)offset, there).CopyTo(destination);
            destination[there..].Clear();
        }

        public void Dispose() => _pinned.Free();
    }
}
