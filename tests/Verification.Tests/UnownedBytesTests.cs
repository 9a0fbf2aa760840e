using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;
using Broker.Tests;

namespace Broker.Verification.Tests;

public class UnownedBytesTests
{
    /// <summary>Held against the bytes that blocks write when each is executed: every other byte is nobody's.</summary>
    [Theory]
    [InlineData("st.global.f32 [%at], %f;")]
    [InlineData("add.u64 %at, %at, 3584;\nst.global.f32 [%at], %f;")]
    [InlineData("add.u64 %at, %at, 4000;\nst.global.f32 [%at], %f;")]
    [InlineData("mad.wide.u32 %at, %i, 96, %out;\nst.global.f32 [%at], %f;")]
    [InlineData("setp.gt.u32 %p, %i, 70;\n@%p bra END;\nmad.wide.u32 %at, %i, 128, %out;\nst.global.f32 [%at+8], %f;\nEND:")]
    [InlineData("mad.wide.u32 %at, %i, 128, %out;\nst.global.u8 [%at+100], %i;\nst.global.u8 [%at+99], %i;")]
    public async Task What_no_block_writes_is_nobodys(string body)
    {
        var job = Jobs.Small(body, bytes: (5 * 4096) + 10);
        var written = new bool[(5 * 4096) + 10];
        using var reexecution = job.Reexecution();
        foreach (var run in await reexecution.RunBlocksAsync([.. Enumerable.Range(0, 4).Select(block => new BlockIndex(0, block))], false, TestContext.Current.CancellationToken))
        {
            foreach (var write in run.Writes) written.AsSpan((int)write.Start, write.Bytes.Length).Fill(true);
        }

        var unowned = UnownedBytes.Find(Module.Parse(job.Program), job.Document, job);
        var buffer = job.Run().Commit()[0];
        Assert.True(unowned.IsKnown);
        Assert.Equal(Enumerable.Range(0, 6).Where(leaf => !Part(written, leaf).Contains(true)).Select(leaf => (long)leaf), unowned.LeavesOf(buffer));
        for (var leaf = 0; leaf < 6; leaf++)
        {
            var stretches = unowned.StretchesOf(buffer, leaf).SelectMany(range => Enumerable.Range((int)range.Start, (int)(range.End - range.Start)));
            Assert.Equal(Enumerable.Range(leaf * 4096, Part(written, leaf).Length).Where(at => !written[at]), stretches);
        }
    }

    [Fact]
    public void They_hold_what_was_there_before()
    {
        var job = MemoryJob.Make(
            Jobs.Small("st.global.f32 [%at], %f;").Program, VerificationMode.Sample,
            [MemoryBuffer.Inout("out", Enumerable.Range(0, 2000).ToArray()), MemoryBuffer.Input("in", new float[128])], Jobs.Small("").Document.Steps[0]);
        var unowned = UnownedBytes.Find(Module.Parse(job.Program), job.Document, job);
        Assert.False(unowned.BeginsEmpty("out"));
        Assert.Equal(1000, BitConverter.ToInt32(unowned.Before("out", new ByteRange(4000, 4004))));
        Assert.Equal([1L], unowned.LeavesOf(job.Run().Commit()[0]));
        var output = Jobs.Small("st.global.f32 [%at], %f;");
        var empty = UnownedBytes.Find(Module.Parse(output.Program), output.Document, output);
        Assert.True(empty.BeginsEmpty("out"));
        Assert.Equal(new byte[9], empty.Before("out", new ByteRange(600, 609)));
    }

    private static Span<bool> Part(bool[] written, int leaf) => written.AsSpan(leaf * 4096, Math.Min(4096, written.Length - (leaf * 4096)));
}
