using System.Runtime.InteropServices;
using Broker.Ptx.Passes;

namespace Broker.Ptx.Tests.Passes;

/// <summary>Shows which comparisons all lanes of a vector agree on, and that the rest of the kernel does as before.</summary>
public class LaneAlignmentTests
{
    /// <summary>Bodies of 64 threads in which %r1 is the thread, n is %r0, and %p guards what is stored; and whether 16 lanes agree.</summary>
    public static TheoryData<string, string, uint, bool> Tests => new()
    {
        { "half of the threads", "setp.lt.u32 %p, %r1, 32;", 0, true },
        { "half of the threads, the other way round", "setp.gt.u32 %p, %r1, 31;", 0, true },
        { "more than half", "setp.gt.u32 %p, %r1, 32;", 0, false },
        { "all but eight", "setp.ge.u32 %p, %r1, 8;", 0, false },
        { "not the first", "setp.ne.u32 %p, %r1, 0;", 0, false },
        { "as many as are asked for", "setp.lt.s32 %p, %r1, %r0;", 64, true },
        { "as many as are asked for, and one more", "setp.lt.s32 %p, %r1, %r0;", 33, false },
        { "a number without a sign", "setp.le.u32 %p, %r1, 0xffffffff;", 0, true },
        { "a sum", "add.u32 %r2, %r1, 16;\nsetp.lt.u32 %p, %r2, 48;", 0, true },
        { "a sum that shifts the lanes", "add.u32 %r2, %r1, 8;\nsetp.lt.u32 %p, %r2, 48;", 0, false },
        { "a sum that wraps", "sub.u32 %r2, %r1, 32;\nsetp.lt.u32 %p, %r2, 16;", 0, true },
        { "a sum that is less than nothing", "sub.s32 %r2, %r1, 32;\nsetp.lt.s32 %p, %r2, 0;", 0, true },
        { "a stride of two", "shl.b32 %r2, %r1, 1;\nsetp.lt.u32 %p, %r2, 64;", 0, true },
        { "a stride of two, halfway through a vector", "shl.b32 %r2, %r1, 1;\nsetp.lt.u32 %p, %r2, 48;", 0, false },
        { "a stride of three", "mul.lo.u32 %r2, %r1, 3;\nsetp.lt.u32 %p, %r2, 64;", 0, false },
        { "a place in the warp", "mov.u32 %r2, %laneid;\nsetp.lt.u32 %p, %r2, 16;", 0, true },
        { "a size of the launch", "mov.u32 %r2, %ntid.x;\nsub.u32 %r2, %r2, 16;\nsetp.lt.u32 %p, %r1, %r2;", 0, true },
        { "what a loop leaves", "mov.u32 %r2, %r1;\nLOOP:\nadd.u32 %r2, %r2, 64;\nsetp.lt.u32 %q, %r2, 256;\n@%q bra LOOP;\nsetp.lt.u32 %p, %r2, 288;", 0, true },
        { "what a loop leaves that counts by eight", "mov.u32 %r2, %r1;\nLOOP:\nadd.u32 %r2, %r2, 8;\nsetp.lt.u32 %q, %r2, 256;\n@%q bra LOOP;\nsetp.lt.u32 %p, %r2, 272;", 0, false },
    };

    [Theory]
    [MemberData(nameof(Tests))]
    public void Vector_whose_lanes_agree_does_not_part(string name, string test, uint n, bool agrees)
    {
        var body = $"{test}\n@%p bra SKIP;\nadd.u32 %r3, %r1, 100;\nSKIP:\nst.global.u32 [%rd0], %r3;";
        Assert.Equal((name, agrees), (name, Classify(body, n).Flows.Values.All(f => f.DivergentBranches.Count == 0)));
        var expected = Run(body, n, 1);
        Assert.Equal(expected, Run(body, n, 8));
        Assert.Equal(expected, Run(body, n, 16));
    }

    private static LanePlan Classify(string body, uint n)
    {
        var plan = Module.Parse(Kernel.Text(body)).PlanOf("test");
        var parameters = new byte[12];
        MemoryMarshal.Write(parameters.AsSpan(8), n);
        var alignments = ParameterLoads.Find(plan).ToDictionary(load => load, load => LaneAlignment.Of(ParameterLoads.Read(load, plan, parameters)));
        return ClassifyLanes.Run(plan, new LaneLaunch(16, new Dim3(64, 1, 1), [], alignments))!;
    }

    private static (long Steps, string Out) Run(string body, uint n, int lanes)
    {
        var (outcome, words) = Kernel.Run(body, 64, 1, n, 256, options: new RunOptions { MaxThreads = 1, Lanes = lanes });
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        return (outcome.Steps, string.Join(' ', words));
    }
}
