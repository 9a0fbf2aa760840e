using System.Globalization;
using Broker.Core.Verification;
using Broker.Tests;

namespace Broker.Bench.Cheats;

/// <summary>Jobs of many small blocks, so that trials are cheap: a number goes through a loop and is stored.</summary>
internal static class TinyJobs
{
    public const int Threads = 8;

    public const int BlockBytes = Threads * sizeof(float);

    /// <summary>Which blocks are executed again.</summary>
    public static VerificationSpec Sample(int fractionMillionths = 10_000, int confidenceMillionths = 950_000) =>
        new() { Mode = VerificationMode.Sample, FractionMillionths = fractionMillionths, ConfidenceMillionths = confidenceMillionths };

    /// <summary>The sample has one block.</summary>
    public static VerificationSpec One { get; } = Sample(500_000, 500_000);

    public static VerificationSpec Full { get; } = new() { Mode = VerificationMode.Full };

    public static MemoryJob Loop(int blocks, VerificationSpec verification, int rounds = 100, string step = "fma.rn.f32 %f, %f, 0f3F800347, %g;", int stride = 4, int seed = 1) => Make(
        $$"""
        mov.f32 %g, %f;
        mov.u32 %r2, 0;
        LOOP:
        {{step}}
        add.u32 %r2, %r2, 1;
        setp.lt.u32 %p, %r2, {{rounds}};
        @%p bra LOOP;
        mad.wide.u32 %at, %i, {{stride.ToString(CultureInfo.InvariantCulture)}}, %out;
        st.global.f32 [%at], %f;
        """, blocks, verification, stride, seed);

    /// <param name="body">What a thread does; <c>%i</c> is its number, <c>%at</c> its place, <c>%f</c> what it loads.</param>
    /// <param name="blocks">How many.</param>
    /// <param name="verification">How it is verified.</param>
    /// <param name="stride">The bytes of the output for each thread.</param>
    /// <param name="seed">Other inputs for each.</param>
    public static MemoryJob Make(string body, int blocks, VerificationSpec verification, int stride = 4, int seed = 1) => MemoryJob.Make(
        $$"""
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry tiny(.param .u64 out, .param .u64 in)
        {
        .reg .pred %p;
        .reg .u32 %r<9>, %tx, %i;
        .reg .u64 %out, %in, %at, %from, %rd<9>;
        .reg .f32 %f, %g;
        .shared .align 4 .b8 tile[{{BlockBytes}}];
        ld.param.u64 %out, [out];
        ld.param.u64 %in, [in];
        mov.u32 %tx, %tid.x;
        mov.u32 %r0, %ctaid.x;
        mov.u32 %r1, %ntid.x;
        mad.lo.u32 %i, %r0, %r1, %tx;
        mad.wide.u32 %at, %i, 4, %out;
        mad.wide.u32 %from, %i, 4, %in;
        ld.global.f32 %f, [%from];
        {{body}}
        ret;
        }
        """,
        verification.Mode, [MemoryBuffer.Output("out", (long)blocks * Threads * stride), MemoryBuffer.Input("in", KernelJobs.Floats(blocks * Threads, seed))],
        MemoryJob.Step("tiny", MemoryJob.Size(blocks), MemoryJob.Size(Threads), "out", "in")).With(verification);

    public static Span<byte> Block(MemoryResult result, long block) => result["out"].AsSpan((int)block * BlockBytes, BlockBytes);
}
