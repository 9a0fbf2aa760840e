namespace Broker.Ptx.Tests;

public class ModuleVariableTests
{
    private const string Variables = """
        .const .align 4 .f32 factors[2][2] = {{0f3F800000, 2.0}, {4.0}};
        .global .align 8 .u32 counter = 40;
        .global .u64 pointer = generic(counter);
        .global .align 1 .b8 bytes[] = {1, 2, 255};
        """;

    [Fact]
    public void Variables_hold_their_initial_values_and_keep_new_ones_from_launch_to_launch()
    {
        using var memory = new DeviceMemory();
        var buffer = memory.Allocate("out", 64);
        var module = Module.Parse(Text("""
            ld.const.f32 %f1, [factors+8];
            st.global.f32 [%out], %f1;
            ld.global.u64 %rd1, [pointer];
            atom.add.u32 %r2, [%rd1], 1;
            st.global.u32 [%out+4], %r2;
            mov.u64 %rd2, bytes;
            ld.u8 %r3, [%rd2+2];
            st.global.u32 [%out+8], %r3;
            mov.u64 %rd3, factors;
            cvta.const.u64 %rd3, %rd3;
            ld.f32 %f2, [%rd3+4];
            ld.const.f32 %f3, [factors+12];
            add.f32 %f2, %f2, %f3;
            st.global.f32 [%out+12], %f2;
            """));
        var kernel = CompiledKernel.Compile(module, "test");
        for (var launch = 0u; launch < 2; launch++)
        {
            var outcome = kernel.Run(
                new KernelLaunch(new Dim3(1, 1, 1), new Dim3(1, 1, 1), 0, Kernel.Parameters(buffer)), memory, new RunOptions(), TestContext.Current.CancellationToken);
            Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
            var result = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(buffer.Span(0, 16)).ToArray();
            Assert.Equal([0x40800000u, 40 + launch, 255, 0x40000000], result);
        }
    }

    [Theory]
    [InlineData("mov.u64 %rd1, factors;\nst.u32 [%rd1], 1;", "store of 4 bytes at line 19 writes to buffer 'factors' (16 bytes), which is read-only")]
    [InlineData("ld.global.u32 %r2, [counter+4];", "load of 4 bytes at line 18 is 0 bytes past the end of buffer 'counter' (4 bytes)")]
    [InlineData("ld.const.u32 %r2, [factors+-4];", "load of 4 bytes at line 18 is 4 bytes before the start of buffer 'factors' (16 bytes)")]
    public void Access_outside_a_variable_is_a_fault(string body, string message)
    {
        using var memory = new DeviceMemory();
        var kernel = CompiledKernel.Compile(Module.Parse(Text(body)), "test");
        var outcome = kernel.Run(
            new KernelLaunch(new Dim3(1, 1, 1), new Dim3(1, 1, 1), 0, new byte[12]), memory, new RunOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(message, outcome.Fault?.Message);
    }

    private static string Text(string body) => Kernel.Text(body).Replace(".visible .entry", Variables + "\n.visible .entry", StringComparison.Ordinal);

    [Fact]
    public void A_global_variable_inside_a_function_is_refused_by_name()
    {
        var errors = Module.Parse(Kernel.Text(".global .u32 kept;\nld.global.u32 %r2, [kept];")).CheckSupported();
        Assert.Equal("line 14, column 14: not supported yet: 'kept': a .global or .const variable inside a function", Assert.Single(errors).ToString());
    }

    [Fact]
    public void A_local_variable_outside_functions_is_refused_by_name()
    {
        var text = Kernel.Text("ld.local.u32 %r2, [apart];").Replace(".visible", ".local .u32 apart;\n.visible", StringComparison.Ordinal);
        var error = Assert.Single(Module.Parse(text).CheckSupported());
        Assert.Equal("line 4, column 13: not supported yet: 'apart': a .local or .param variable outside functions", error.ToString());
    }
}
