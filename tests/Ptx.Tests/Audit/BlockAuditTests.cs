using Broker.Ptx.Audit;
using Broker.Ptx.Tests.Verify;

namespace Broker.Ptx.Tests.Audit;

public class BlockAuditTests
{
    [Fact]
    public void Block_gives_what_it_writes_and_nothing_of_other_blocks()
    {
        var audit = Audited.Run("st.global.u32 [%at], %i;");
        var write = Assert.Single(audit.Writes);
        Assert.Equal((AuditStatus.Completed, "out", 128L), (audit.Status, write.Buffer, write.Start));
        Assert.Equal(Enumerable.Range(32, 32).Select(i => (uint)i), Audited.Words(write));
        Assert.Equal(0, write.Unspecified.Length);
    }

    [Fact]
    public void Bytes_that_are_written_as_they_were_count_as_written()
    {
        var audit = Audited.Run("mov.u32 %r1, 0;\nst.global.u8 [%at+1], %r1;", output: new Content(512));
        Assert.Equal(Enumerable.Range(32, 32).Select(i => 4L * i + 1), audit.Writes.Select(w => w.Start));
        Assert.All(audit.Writes, w => Assert.Equal([0], w.Bytes.ToArray()));
    }

    [Fact]
    public void Steps_are_those_of_a_run()
    {
        const string Body = "setp.lt.u32 %p, %tx, 5;\n@%p st.global.u32 [%at], 1;";
        using var memory = new DeviceMemory();
        var buffers = new[] { memory.Allocate("out", 512), memory.Allocate("in", 512), memory.Allocate("in2", 512) };
        var launch = Launched.Launch(32, 4, 100, 7) with { Parameters = buffers.SelectMany(b => BitConverter.GetBytes(b.Address)).Concat(new byte[8]).ToArray() };
        var outcome = CompiledKernel.Compile(Module.Parse(Launched.Text(Body)), "test").Run(launch, memory, new RunOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(outcome.Steps, Enumerable.Range(0, 4).Sum(b => Audited.Run(Body, block: (uint)b).Steps));
        Assert.Equal(outcome.Steps, Enumerable.Range(0, 4).Sum(b => Audited.Run(Body, tracks: true, block: (uint)b).Steps));
    }

    [Fact]
    public void One_block_leaves_nothing_for_the_next()
    {
        using var memory = new AuditMemory();
        var buffer = memory.Allocate("out", 64, true, new Content(64));
        var kernel = CompiledKernel.Compile(Module.Parse(Kernel.Text("ld.global.u32 %r2, [%out+4];\nadd.u32 %r2, %r2, 5;\nst.global.u32 [%out+4], %r2;")), "test");
        var launch = new KernelLaunch(new Dim3(2, 1, 1), new Dim3(1, 1, 1), 0, BitConverter.GetBytes(buffer.Address).Concat(new byte[4]).ToArray());
        foreach (var block in new uint[] { 0, 1, 0 })
        {
            var audit = kernel.Audit(launch, memory, new Dim3(block, 0, 0), false, new RunOptions(), TestContext.Current.CancellationToken);
            Assert.Equal((4L, 6u), (Assert.Single(audit.Writes).Start, Audited.Words(audit.Writes[0])[0]));
        }
    }

    [Fact]
    public void Chunks_are_fetched_once_and_only_where_the_block_reads()
    {
        // Block 1 reads what word 8192 + its thread holds, far from its own place.
        var input = new Content(1 << 20);
        var audit = Audited.Run(
            "ld.global.u32 %r1, [%in+32768];\nmad.wide.u32 %rd1, %r1, 16, %in;\nld.global.u32 %r2, [%rd1];\nst.global.u32 [%at], %r2;", input: input, bytes: 1 << 20);
        Assert.Equal(Enumerable.Repeat(4 * 8192u, 32), Audited.Words(Assert.Single(audit.Writes)));
        // The first run sees zeros in the place of what is missing, and touches chunk 0 for them.
        Assert.Equal([0, 32768, 131072], input.Reads.Order());
        Assert.Equal(3 * 4096, audit.FetchedBytes);
    }

    [Theory]
    [InlineData("", 4 * 32)]
    [InlineData("setp.lt.u32 %p, %tx, 27;\n@!%p bra DONE;\n", 4 * 27)]
    [InlineData("setp.gt.u32 %p, %tx, 28;\n@!%p bra DONE;\n", 4 * 3)]
    [InlineData("and.b32 %r3, %tx, 3;\nsetp.eq.u32 %p, %r3, 1;\n@!%p bra DONE;\n", 4)]
    public void Lanes_beside_each_other_touch_only_the_chunks_in_which_some_run(string guard, int firstBytes)
    {
        // The threads of block 1 reach from 3984 to 4111: the last four lie in the next chunk.
        var input = new Content(1 << 14);
        var audit = Audited.Run(guard + "mad.wide.u32 %rd1, %i, 4, %in;\nld.global.u32 %r1, [%rd1+3856];\nst.global.u32 [%at+3856], %r1;\nDONE:", input: input, output: new Content(1 << 14), bytes: 1 << 14);
        Assert.Equal(firstBytes, audit.Writes[0].Bytes.Length);
        Assert.Equal(audit.Writes.SelectMany(Audited.Words), audit.Writes.SelectMany(w => Enumerable.Range((int)w.Start / 4, w.Bytes.Length / 4).Select(i => (uint)i)));
    }

    [Fact]
    public void Buffer_of_zeros_and_output_that_is_not_read_are_not_fetched()
    {
        var (input, output) = (new Content(512), new Content(512));
        Assert.Equal(0, Audited.Run("st.global.u32 [%at], 1;", input: input, output: output).FetchedBytes);
        Assert.Empty(input.Reads.Concat(output.Reads));
    }

    [Fact]
    public void Module_variables_start_as_the_program_says()
    {
        var audit = Audited.Run("ld.const.u32 %r1, [limit];\nst.global.u32 [%at], %r1;");
        Assert.Equal(Enumerable.Repeat(5u, 32), Audited.Words(Assert.Single(audit.Writes)));
    }

    [Fact]
    public void Module_variable_that_one_block_writes_is_as_before_for_the_next()
    {
        using var memory = new AuditMemory();
        var buffer = memory.Allocate("out", 64);
        const string Body = "ld.global.u32 %r2, [count];\nst.global.u32 [%rd0], %r2;\nadd.u32 %r2, %r2, 1;\nst.global.u32 [count], %r2;";
        var text = Kernel.Text(Body).Replace(".visible", ".global .u32 count = 41; .visible", StringComparison.Ordinal);
        var kernel = CompiledKernel.Compile(Module.Parse(text), "test");
        var launch = new KernelLaunch(new Dim3(2, 1, 1), new Dim3(1, 1, 1), 0, BitConverter.GetBytes(buffer.Address).Concat(new byte[4]).ToArray());
        foreach (var block in new uint[] { 0, 1 })
        {
            var audit = kernel.Audit(launch, memory, new Dim3(block, 0, 0), false, new RunOptions(), TestContext.Current.CancellationToken);
            Assert.Equal([("count", 42u), ("out", 41u)], audit.Writes.Select(w => (w.Buffer, Audited.Words(w)[0])));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fault_is_named_with_what_was_written_before_it(bool tracks)
    {
        var audit = Audited.Run("st.global.u32 [%at], 1;\nst.global.u32 [%at+264], 2;", tracks, block: 1);
        Assert.Equal((AuditStatus.Faulted, FaultKind.OutOfBounds, 30u, Launched.FirstLine + 1), (audit.Status, audit.Fault!.Kind, audit.Fault.Thread.X, audit.Fault.Line));
        Assert.Equal(128, audit.Writes[0].Start);
    }

    [Fact]
    public void Endless_loop_ends_with_its_budget()
    {
        var audit = Audited.Run("LOOP:\nbra LOOP;", options: new RunOptions { StepBudgetPerBlock = 10_000 });
        Assert.Equal((AuditStatus.Faulted, FaultKind.StepBudget), (audit.Status, audit.Fault!.Kind));
    }

    [Fact]
    public void Generic_address_of_shared_memory_is_no_write()
    {
        var audit = Audited.Run("mov.u64 %rd1, tile;\ncvta.shared.u64 %rd1, %rd1;\nst.u32 [%rd1], 1;\nst.u32 [%at], 2;");
        Assert.Equal("out", Assert.Single(audit.Writes).Buffer);
    }

    [Fact]
    public void Atomic_starts_from_what_the_buffer_holds()
    {
        var audit = Audited.Run("red.global.add.u32 [%out+8], 1;", output: new Content(512));
        Assert.Equal(2u + 32, Audited.Words(Assert.Single(audit.Writes))[0]);
    }

    public static TheoryData<string, string, string> Unspecified => new()
    {
        { "a computed NaN", "sub.f32 %f1, 0f7F800000, 0f7F800000;\nst.global.f32 [%at], %f1;", "FFFF3F80" },
        { "a computed NaN stored as bits", "sub.f32 %f1, 0f7F800000, 0f7F800000;\nmov.b32 %r1, %f1;\nst.global.b32 [%at], %r1;", "FFFF3F80" },
        { "a computed NaN through shared memory", "sub.f32 %f1, 0f7F800000, 0f7F800000;\nst.shared.f32 [tile], %f1;\nld.shared.b32 %r1, [tile];\nst.global.b32 [%at], %r1;", "FFFF3F80" },
        { "a number", "add.f32 %f1, 0f3F800000, 0f3F800000;\nst.global.f32 [%at], %f1;", "" },
        { "bits that look like one", "mov.b32 %r1, 2147483647;\nst.global.b32 [%at], %r1;", "" },
        { "a NaN that is copied", "mov.f32 %f1, 0f7FFFFFFF;\nst.global.f32 [%at], %f1;", "" },
    };

    [Theory]
    [MemberData(nameof(Unspecified))]
    public void Payload_of_a_computed_NaN_is_left_open(string name, string body, string mask)
    {
        var audit = Audited.Run(body);
        Assert.Equal((name, AuditStatus.Completed, string.Concat(Enumerable.Repeat(mask, 32))), (name, audit.Status, Convert.ToHexString(audit.Writes[0].Unspecified.Span)));
    }

    [Theory]
    [InlineData("0f7F800000", true)]
    [InlineData("0f3F800000", false)]
    public void Bits_of_a_computed_NaN_in_integer_arithmetic_leave_the_block_open(string from, bool open)
    {
        var audit = Audited.Run($"sub.f32 %f1, 0f7F800000, {from};\nmov.b32 %r1, %f1;\nshr.u32 %r1, %r1, 3;\nst.global.b32 [%at], %r1;");
        Assert.Equal(open ? AuditStatus.Inconclusive : AuditStatus.Completed, audit.Status);
        Assert.Equal(open ? [(FindingKind.UnspecifiedBits, Launched.FirstLine + 2)] : [], audit.Findings.Select(f => (f.Kind, f.Line)));
    }

    [Theory]
    [InlineData("selp.b32 %r1, 0x7F800000, %tx, %p;\nmov.b32 %f1, %r1;\nsub.f32 %f1, 0f7F800000, %f1;\nmov.b32 %r1, %f1;\nshr.u32 %r2, %r1, 3;", 5)]
    [InlineData("selp.b32 %r1, 0x7C000000, %tx, %p;\nmov.b32 %r2, 0x7C007C00;\nsub.f16x2 %r1, %r2, %r1;\nshr.u32 %r2, %r1, 3;", 4)]
    [InlineData("cvt.u64.u32 %rd1, %tx;\nselp.b64 %rd1, 0x7FF0000000000000, %rd1, %p;\nmov.u64 %rd2, 0x7FF0000000000000;\nmov.b64 %d1, %rd2;\nmov.b64 %d2, %rd1;\nsub.f64 %d1, %d1, %d2;\nmov.b64 %rd1, %d1;\nshr.u64 %rd1, %rd1, 3;", 8)]
    public void One_lane_with_bits_of_a_computed_NaN_leaves_the_block_open(string body, int line)
    {
        foreach (var (thread, threads) in new[] { (29, 1), (99, 0) })
        {
            var audit = Audited.Run($".reg .f64 %d<3>;\nsetp.eq.u32 %p, %tx, {thread};\n{body}\nst.global.u32 [%at], %r2;");
            Assert.Equal(Enumerable.Repeat((FindingKind.UnspecifiedBits, Launched.FirstLine + line + 1), threads), audit.Findings.Select(f => (f.Kind, f.Line)));
            Assert.All(audit.Findings, f => Assert.Equal(29u, f.Thread.X));
        }
    }

    [Theory]
    [InlineData("setp.eq.u32 %p, %tx, 29;\nselp.u32 %r1, 2, 1, %p;", true)]
    [InlineData("and.b32 %r1, %tx, 1;", false)]
    public void Branch_past_the_list_of_its_targets_leaves_the_block_open(string index, bool open)
    {
        var audit = Audited.Run($"{index}\nT: .branchtargets A, B;\nbrx.idx %r1, T;\nA:\nB:\nst.global.u32 [%at], %tx;");
        Assert.Equal(open ? [(FindingKind.UndefinedBranch, 29u)] : [], audit.Findings.Select(f => (f.Kind, f.Thread.X)));
    }

    [Theory]
    [InlineData("redux.sync.add.u32 %r2, %r1, -1;")]
    [InlineData("match.any.sync.b32 %r2, %r1, -1;")]
    public void Bits_of_a_computed_NaN_in_a_collective_leave_the_block_open(string collective)
    {
        var audit = Audited.Run($"sub.f32 %f1, 0f7F800000, 0f7F800000;\nmov.b32 %r1, %f1;\n{collective}\nst.global.b32 [%at], %r2;");
        Assert.Equal([(FindingKind.UnspecifiedBits, Launched.FirstLine + 2)], audit.Findings.Select(f => (f.Kind, f.Line)));
    }

    [Fact]
    public void Bits_of_a_computed_NaN_may_be_shuffled()
    {
        var audit = Audited.Run("sub.f32 %f1, 0f7F800000, 0f7F800000;\nmov.b32 %r1, %f1;\nshfl.sync.bfly.b32 %r2, %r1, 1, 31, -1;\nst.global.b32 [%at], %r2;");
        Assert.Equal((AuditStatus.Completed, string.Concat(Enumerable.Repeat("FFFF3F80", 32))), (audit.Status, Convert.ToHexString(audit.Writes[0].Unspecified.Span)));
    }

    [Theory]
    [InlineData("-1", 16, "")]
    [InlineData("65535", 16, "UnspecifiedBits")]
    [InlineData("65535", 8, "")]
    public void Shuffle_from_a_lane_that_is_not_there_leaves_the_block_open(string mask, int distance, string expected)
    {
        var audit = Audited.Run($"setp.gt.u32 %p, %tx, 15;\n@%p bra ALL;\nshfl.sync.bfly.b32 %r2, %tx, {distance}, 31, {mask};\nst.global.b32 [%at], %r2;\nbra END;\nALL:\nshfl.sync.bfly.b32 %r2, %tx, {distance}, 31, {(mask == "-1" ? "-1" : "-65536")};\nEND:", tracks: true);
        Assert.Equal(expected, string.Join(' ', audit.Findings.Select(f => f.Kind).Distinct()));
    }
}
