namespace Broker.Ptx.Tests;

public class FaultTests
{
    public static TheoryData<string, string, FaultKind, string> Cases => new()
    {
        { "right past the end", "st.global.u32 [%out+64], 1;", FaultKind.OutOfBounds, "store of 4 bytes at line 14 is 0 bytes past the end of buffer 'out' (64 bytes)" },
        { "further past the end", "st.global.u32 [%out+68], 1;", FaultKind.OutOfBounds, "store of 4 bytes at line 14 is 4 bytes past the end of buffer 'out' (64 bytes)" },
        { "half past the end", "ld.global.u64 %rd1, [%out+60];", FaultKind.OutOfBounds, "load of 8 bytes at line 14 reaches 4 bytes past the end of buffer 'out' (64 bytes)" },
        { "before the start", "ld.global.u8 %r2, [%out+-1];", FaultKind.OutOfBounds, "load of 1 byte at line 14 is 1 byte before the start of buffer 'out' (64 bytes)" },
        { "a null pointer", "ld.global.u32 %r2, [0];", FaultKind.OutOfBounds, "load of 4 bytes at line 14 is at address 0x0, where no buffer is near" },
        { "a generic null pointer", "mov.u64 %rd1, 8;\nld.u32 %r2, [%rd1];", FaultKind.OutOfBounds, "load of 4 bytes at line 15 is at address 0x8, where no buffer is near" },
        { "misaligned", "ld.global.u32 %r2, [%out+2];", FaultKind.Misaligned, "load of 4 bytes at line 14 is misaligned: it is 2 bytes into buffer 'out' (64 bytes)" },
        { "a misaligned vector", "ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%out+8];", FaultKind.Misaligned, "load of 16 bytes at line 14 is misaligned: it is 8 bytes into buffer 'out' (64 bytes)" },
        { "the second of a group", "ld.global.u32 %r2, [%out+60];\nld.global.u32 %r3, [%out+64];", FaultKind.OutOfBounds, "load of 4 bytes at line 15 is 0 bytes past the end of buffer 'out' (64 bytes)" },
        { "the address wraps", "mov.u64 %rd1, -4;\nld.global.u64 %rd2, [%rd1+4];", FaultKind.OutOfBounds, "load of 8 bytes at line 15 is at address 0x0, where no buffer is near" },
        { "shared memory", ".shared .u32 s[4];\nmov.u32 %r2, s;\nst.shared.u32 [%r2+16], 1;", FaultKind.OutOfBounds, "store of 4 bytes at line 16 is 0 bytes past the end of shared memory (16 bytes)" },
        { "shared memory by name", ".shared .u32 s[4];\nld.shared.u32 %r2, [s+16];", FaultKind.OutOfBounds, "load of 4 bytes at line 15 is 0 bytes past the end of shared memory (16 bytes)" },
        { "local memory", ".local .align 16 .b8 s[16];\nmov.u64 %rd1, s;\nld.local.u32 %r2, [%rd1+16];", FaultKind.OutOfBounds, "load of 4 bytes at line 16 is 0 bytes past the end of local memory (16 bytes)" },
        { "an atomic", "red.global.add.u32 [%out+64], 1;", FaultKind.OutOfBounds, "atomic access of 4 bytes at line 14 is 0 bytes past the end of buffer 'out' (64 bytes)" },
        { "a misaligned vector of atomics", "red.global.add.v4.f32 [%out+8], {%f1, %f2, %f3, %f4};", FaultKind.Misaligned, "atomic access of 16 bytes at line 14 is misaligned: it is 8 bytes into buffer 'out' (64 bytes)" },
        { "a misaligned vector of eight", "ld.global.v8.u32 {%r1, %r2, %r3, %r4, %r5, %r6, %r7, %r8}, [%out+16];", FaultKind.Misaligned, "load of 32 bytes at line 14 is misaligned: it is 16 bytes into buffer 'out' (64 bytes)" },
        { "128 bits past the end", ".reg .b128 %w;\nst.global.b128 [%out+64], %w;", FaultKind.OutOfBounds, "store of 16 bytes at line 15 is 0 bytes past the end of buffer 'out' (64 bytes)" },
        { "more than a stack has", "alloca.u64 %rd1, 16000;\nmov.u64 %rd2, 400;\nalloca.u64 %rd1, %rd2;", FaultKind.OutOfBounds, "alloca at line 16 asks for 400 bytes, for which the stack of 16384 bytes has no room" },
        { "a stack that was put elsewhere", "stackrestore.u64 %out;\nalloca.u64 %rd1, 8;", FaultKind.OutOfBounds, "alloca at line 15 asks for 8 bytes, for which the stack of 16384 bytes has no room" },
        { "past what was taken of a stack", "alloca.u64 %rd1, 64;\nst.local.u32 [%rd1+64], 1;", FaultKind.OutOfBounds, "store of 4 bytes at line 15 is 0 bytes past the end of local memory (16384 bytes)" },
        { "a row of a matrix", ".shared .align 16 .b8 s[16];\nldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r2}, [s+16];", FaultKind.OutOfBounds, "load of 16 bytes at line 15 is 0 bytes past the end of shared memory (16 bytes)" },
        { "a misaligned row of a matrix", ".shared .align 16 .b8 s[32];\nmov.u32 %r2, s;\nstmatrix.sync.aligned.m8n8.x1.shared.b16 [%r2+8], {%r3};", FaultKind.Misaligned, "store of 16 bytes at line 16 is misaligned: it is 8 bytes into shared memory (32 bytes)" },
        { "a copy from past the end", ".shared .align 16 .b8 s[16];\ncp.async.cg.shared.global [s], [%out+64], 16;", FaultKind.OutOfBounds, "load of 16 bytes at line 15 is 0 bytes past the end of buffer 'out' (64 bytes)" },
        { "a copy to past the end", ".shared .align 16 .b8 s[16];\ncp.async.cg.shared.global [s+16], [%out], 16;", FaultKind.OutOfBounds, "store of 16 bytes at line 15 is 0 bytes past the end of shared memory (16 bytes)" },
        { "a copy from a misaligned place", ".shared .align 16 .b8 s[16];\ncp.async.ca.shared.global [s], [%out+4], 8;", FaultKind.Misaligned, "load of 8 bytes at line 15 is misaligned: it is 4 bytes into buffer 'out' (64 bytes)" },
        { "a copy to a misaligned place", ".shared .align 16 .b8 s[16];\ncp.async.ca.shared.global [s+4], [%out], 8;", FaultKind.Misaligned, "store of 8 bytes at line 15 is misaligned: it is 4 bytes into shared memory (16 bytes)" },
        { "a copy of no bytes to past the end", ".shared .align 16 .b8 s[16];\ncp.async.cg.shared.global [s+16], [%out], 16, 0;", FaultKind.OutOfBounds, "store of 16 bytes at line 15 is 0 bytes past the end of shared memory (16 bytes)" },
        { "a copy of three bytes from past the end", ".shared .align 16 .b8 s[16];\ncp.async.cg.shared.global [s], [%out+64], 16, 3;", FaultKind.OutOfBounds, "load of 1 byte at line 15 is 0 bytes past the end of buffer 'out' (64 bytes)" },
        { "a copy of three bytes from a misaligned place", ".shared .align 16 .b8 s[16];\ncp.async.cg.shared.global [s], [%out+4], 16, 3;", FaultKind.Misaligned, "load of 16 bytes at line 15 is misaligned: it is 4 bytes into buffer 'out' (64 bytes)" },
        { "a parameter written through its address", "mov.b64 %rd1, n;\nst.u32 [%rd1], 1;", FaultKind.ReadOnly, "store of 4 bytes at line 15 writes to the parameters (12 bytes), which is read-only" },
        { "a trap", "trap;", FaultKind.Trap, "trap at line 14" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Access_outside_its_buffer_is_a_fault(string name, string body, FaultKind kind, string message)
    {
        var (outcome, _) = Kernel.Run(body, threads: 1);
        Assert.Equal((name, LaunchStatus.Faulted, kind, message), (name, outcome.Status, outcome.Fault!.Kind, outcome.Fault.Message));
    }

    [Fact]
    public void Fault_names_block_and_thread()
    {
        var (outcome, _) = Kernel.Run("st.global.u32 [%rd0], 1;", threads: 32, blocks: 3);
        Assert.Equal((new Dim3(0, 0, 0), new Dim3(16, 0, 0), 14), (outcome.Fault!.Block, outcome.Fault.Thread, outcome.Fault.Line));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void First_faulting_block_is_reported_whatever_the_number_of_threads(int maxThreads)
    {
        var (outcome, _) = Kernel.Run(
            "mov.u32 %r2, %ctaid.x;\nsetp.gt.u32 %p, %r2, 40;\n@%p trap;", blocks: 5000, options: new RunOptions { MaxThreads = maxThreads });
        Assert.Equal(new Dim3(41, 0, 0), outcome.Fault!.Block);
    }

    [Theory]
    [InlineData("a later block is stopped", "@%p trap;\nLOOP:\nbra LOOP;")]
    [InlineData("an earlier block runs on", "@!%p trap;\nLOOP:\nadd.u32 %r3, %r3, 1;\nsetp.lt.u32 %q, %r3, 30000000;\n@%q bra LOOP;\ntrap;")]
    public async Task Fault_stops_the_blocks_after_it_and_no_other(string name, string body)
    {
        var options = new RunOptions { MaxThreads = 2, StepBudgetPerBlock = long.MaxValue };
        var run = Task.Run(() => Kernel.Run("mov.u32 %r2, %ctaid.x;\nsetp.eq.u32 %p, %r2, 0;\n" + body, threads: 1, blocks: 2, options: options).Outcome, TestContext.Current.CancellationToken);
        var outcome = await run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal((name, FaultKind.Trap, 0u), (name, outcome.Fault!.Kind, outcome.Fault.Block.X));
    }

    [Fact]
    public void Store_to_a_read_only_buffer_is_a_fault_even_after_a_load_found_it()
    {
        var (outcome, _) = Kernel.Run("ld.global.u32 %r2, [%rd0];\nadd.u32 %r2, %r2, 1;\nbra NEXT;\nNEXT:\nst.global.u32 [%rd0], %r2;", writable: false);
        Assert.Equal((FaultKind.ReadOnly, 18, "store of 4 bytes at line 18 writes to buffer 'out' (64 bytes), which is read-only"), (outcome.Fault!.Kind, outcome.Fault.Line, outcome.Fault.Message));
    }

    [Fact]
    public void Kernel_of_very_many_accesses_is_checked_alike()
    {
        // So far apart that none shares its check with another.
        const int Accesses = 600, Distance = 8192;
        var body = string.Join('\n', Enumerable.Range(0, Accesses).Select(i => $"st.global.u32 [%rd0+{i * Distance}], {i};"));
        var (outcome, result) = Kernel.Run(body, threads: 1, bytes: Accesses * Distance);
        Assert.Equal(LaunchStatus.Completed, outcome.Status);
        Assert.Equal(Enumerable.Range(0, Accesses), Enumerable.Range(0, Accesses).Select(i => (int)result[i * Distance / 4]));
        Assert.Equal((FaultKind.OutOfBounds, 14 + Accesses - 1), Fault(Kernel.Run(body, threads: 1, bytes: (Accesses - 1) * Distance).Outcome));
        Assert.Equal((FaultKind.ReadOnly, 14), Fault(Kernel.Run(body, threads: 1, bytes: Accesses * Distance, writable: false).Outcome));

        static (FaultKind Kind, int Line) Fault(LaunchOutcome outcome) => (outcome.Fault!.Kind, outcome.Fault.Line);
    }

    [Fact]
    public void Load_from_a_read_only_buffer_is_allowed()
    {
        Assert.Equal(LaunchStatus.Completed, Kernel.Run("ld.global.u32 %r2, [%rd0];", writable: false).Outcome.Status);
    }

    [Fact]
    public void Buffers_have_the_same_addresses_everywhere_and_gaps_between_them()
    {
        using var memory = new DeviceMemory();
        var (first, second) = (memory.Allocate("a", 100), memory.Allocate("b", 1));
        Assert.Equal((0x10_0000_0000ul, 0x10_0000_1100ul), (first.Address, second.Address));
    }

    [Fact]
    public void One_pointer_may_reach_another_buffer()
    {
        using var memory = new DeviceMemory();
        var (first, second) = (memory.Allocate("a", 64), memory.Allocate("b", 64));
        second.Write(0, BitConverter.GetBytes(77u));
        var text = Kernel.Text($"ld.global.u32 %r2, [%out];\nmov.u64 %rd1, {second.Address - first.Address};\nadd.u64 %rd2, %out, %rd1;\nld.global.u32 %r3, [%rd2];\nst.global.u32 [%out], %r3;");
        var kernel = CompiledKernel.Compile(Module.Parse(text), "test");
        var outcome = kernel.Run(new KernelLaunch(new Dim3(1, 1, 1), new Dim3(1, 1, 1), 0, Kernel.Parameters(first)), memory, new RunOptions(), TestContext.Current.CancellationToken);
        Assert.Equal((LaunchStatus.Completed, 77u), (outcome.Status, BitConverter.ToUInt32(first.Span(0, 4))));
    }
}
