namespace Broker.Ptx.Tests;

/// <summary>Builds small kernels and runs them: a case states only its instructions.</summary>
internal static class Kernel
{
    public const string Header = ".version 8.0\n.target sm_80\n.address_size 64\n";

    /// <summary>Gives the text of a kernel <c>test</c> with a buffer <c>out</c>; its body starts on line 14.</summary>
    public static string Text(string body) => $$"""
        {{Header}}.visible .entry test(.param .u64 out, .param .u32 n)
        {
        .reg .pred %p, %q;
        .reg .u32 %r<9>;
        .reg .u64 %out, %rd<9>;
        .reg .f32 %f<9>;
        ld.param.u64 %out, [out];
        ld.param.u32 %r0, [n];
        mov.u32 %r1, %tid.x;
        mad.wide.u32 %rd0, %r1, 4, %out;
        {{body}}
        ret;
        }
        """;

    public static (LaunchOutcome Outcome, uint[] Out) Run(
        string body, uint threads = 4, uint blocks = 1, uint n = 0, long bytes = 64, bool writable = true, RunOptions? options = null, int dynamicShared = 0)
    {
        using var memory = new DeviceMemory();
        var buffer = memory.Allocate("out", bytes, writable);
        var kernel = CompiledKernel.Compile(Module.Parse(Text(body)), "test");
        var launch = new KernelLaunch(new Dim3(blocks, 1, 1), new Dim3(threads, 1, 1), dynamicShared, Parameters(buffer, n));
        var outcome = kernel.Run(launch, memory, options ?? new RunOptions(), TestContext.Current.CancellationToken);
        return (outcome, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(buffer.Span(0, (int)bytes)).ToArray());
    }

    public static byte[] Parameters(DeviceBuffer buffer, uint n = 0) => [.. BitConverter.GetBytes(buffer.Address), .. BitConverter.GetBytes(n)];
}
