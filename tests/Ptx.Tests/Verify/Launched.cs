using Broker.Ptx.Verify;

namespace Broker.Ptx.Tests.Verify;

/// <summary>Is a small kernel with two inputs and an output, and a launch of it.</summary>
internal static class Launched
{
    public const int FirstLine = 23;

    private static readonly string Zeros = string.Concat(
        Enumerable.Range(0, 20).Select(i => $"mov.u32 %r{i}, 0; mov.u64 %rd{i}, 0; ")
            .Concat(Enumerable.Range(0, 9).Select(i => $"mov.f32 %f{i}, 0f00000000; "))
            .Append("mov.u64 %out2, %out; setp.ne.u32 %p, 0, 0; setp.ne.u32 %q, 0, 0; setp.ne.u32 %s, 0, 0;"));

    /// <summary>Gives the text of a kernel <c>test</c>; its body starts on <see cref="FirstLine"/>.</summary>
    public static string Text(string body) => $$"""
        {{Kernel.Header}}.global .u32 counter;
        .const .u32 limit = 5;
        .visible .entry test(.param .u64 out, .param .u64 in, .param .u64 in2, .param .u32 n, .param .u32 m)
        {
        .reg .pred %p, %q, %s;
        .reg .u32 %r<20>, %n, %m, %tx, %cx, %nx, %i;
        .reg .u64 %out, %in, %in2, %out2, %rd<20>, %at;
        .reg .f32 %f<9>;
        .shared .align 8 .b8 tile[1024]; {{(body.Contains("mine", StringComparison.Ordinal) ? ".local .align 8 .b8 mine[64];" : "")}}
        ld.param.u64 %out, [out];
        ld.param.u64 %in, [in];
        ld.param.u64 %in2, [in2];
        ld.param.u32 %n, [n];
        ld.param.u32 %m, [m];
        mov.u32 %tx, %tid.x;
        mov.u32 %cx, %ctaid.x;
        mov.u32 %nx, %ntid.x; {{Zeros}}
        mad.lo.u32 %i, %cx, %nx, %tx;
        mad.wide.u32 %at, %i, 4, %out;
        {{body}}
        ret;
        }
        """;

    public static Classification Classify(string body, uint threads = 32, uint blocks = 4, uint n = 100, uint m = 7, long bytes = 512, string? text = null) =>
        Classifier.Classify(Module.Parse(text ?? Text(body)), "test", Launch(threads, blocks, n, m), Pointers(bytes));

    public static KernelLaunch Launch(uint threads, uint blocks, uint n, uint m) => new(
        new Dim3(blocks, 1, 1), new Dim3(threads, 1, 1), 0, new byte[24].Concat(BitConverter.GetBytes(n)).Concat(BitConverter.GetBytes(m)).ToArray());

    public static IReadOnlyList<LaunchPointer> Pointers(long bytes) =>
    [
        new(0, new LaunchBuffer("out", bytes, true)),
        new(8, new LaunchBuffer("in", bytes, false)),
        new(16, new LaunchBuffer("in2", bytes, false)),
    ];
}
