using System.Collections.Immutable;
using Broker.Core.Jobs;

namespace Broker.Core.Tests.Jobs;

public class LaunchCheckTests
{
    public static TheoryData<string, ArgumentKind, int, string, int, string?> Types => new()
    {
        { "a buffer is an address", ArgumentKind.Buffer, 0, "u64", 8, null },
        { "an address may be untyped", ArgumentKind.Buffer, 0, "b64", 8, null },
        { "an address is not 32 bits", ArgumentKind.Buffer, 0, "u32", 4, "a buffer has 8 bytes, not 4" },
        { "an address is no float", ArgumentKind.Buffer, 0, "f64", 8, "a buffer is of another type" },
        { "u32 for u32", ArgumentKind.U32, 4, "u32", 4, null },
        { "signs are a matter of reading", ArgumentKind.S32, 4, "u32", 4, null },
        { "u32 for untyped bits", ArgumentKind.U32, 4, "b32", 4, null },
        { "u32 for 64 bits", ArgumentKind.U32, 4, "u64", 8, "u32 has 4 bytes, not 8" },
        { "s64 for u64", ArgumentKind.S64, 8, "u64", 8, null },
        { "u64 for 32 bits", ArgumentKind.U64, 8, "s32", 4, "u64 has 8 bytes, not 4" },
        { "u32 for f32", ArgumentKind.U32, 4, "f32", 4, "u32 is of another type" },
        { "f32 for f32", ArgumentKind.F32, 4, "f32", 4, null },
        { "f32 for s32", ArgumentKind.F32, 4, "s32", 4, "f32 is of another type" },
        { "f32 for untyped bits", ArgumentKind.F32, 4, "b32", 4, null },
        { "f32 for f64", ArgumentKind.F32, 4, "f64", 8, "f32 has 4 bytes, not 8" },
        { "f64 for f64", ArgumentKind.F64, 8, "f64", 8, null },
        { "bytes for a struct", ArgumentKind.Bytes, 24, "b8[24]", 24, null },
        { "bytes for anything of their size", ArgumentKind.Bytes, 4, "f32", 4, null },
        { "too few bytes", ArgumentKind.Bytes, 23, "b8[24]", 24, "bytes has 23 bytes, not 24" },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void An_argument_is_held_against_its_parameter(string row, ArgumentKind kind, int length, string type, int bytes, string? message)
    {
        Assert.NotEmpty(row);
        var argument = new Argument(kind, kind == ArgumentKind.Buffer ? "image" : null, 0, [.. new byte[length]]);
        var errors = Check(Feasible.Step(arguments: argument), Kernel(parameters: new ParameterShape("p", type, bytes)));
        if (message is null)
        {
            Assert.Empty(errors);
            return;
        }

        Assert.Equal([$"$.steps[0].arguments[0]: {message}; parameter 'p' of kernel 'main' is .{type}"], errors);
    }

    [Fact]
    public void A_kernel_that_the_program_lacks_is_named_with_those_it_has() => Assert.Equal(
        ["$.steps[0].kernel: the program has no kernel 'mian'; it has main, other"], Check(Feasible.Step("mian"), Kernel(), Kernel("other")));

    [Fact]
    public void Arguments_are_counted()
    {
        ImmutableArray<ParameterShape> parameters = [new("n", "u32", 4), new("x", "f32", 4)];
        Assert.Equal(["$.steps[0].arguments: has 0 arguments; kernel 'main' takes 2: .u32 n, .f32 x"], Check(Feasible.Step(), Kernel(parameters: parameters)));
        var argument = new Argument(ArgumentKind.U32, null, 0, [1, 0, 0, 0]);
        Assert.Equal(["$.steps[0].arguments: has 1 arguments; kernel 'main' takes 0: none"], Check(Feasible.Step(arguments: argument), Kernel()));
    }

    [Theory]
    [InlineData(1024, 231_424, null)]
    [InlineData(1024, 231_425, "$.steps[0].sharedBytes: kernel 'main' has 1024 static bytes, 232449 together; at most 232448 are allowed")]
    public void Static_and_dynamic_shared_memory_count_together(int fixedBytes, int dynamicBytes, string? message) => Assert.Equal(
        message is null ? [] : [message], Check(Feasible.Step(sharedBytes: dynamicBytes), Kernel(shared: fixedBytes)));

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, "$.steps[0].block: has 257 threads; kernel 'main' was compiled for at most 256")]
    public void A_block_has_no_more_threads_than_its_kernel_was_compiled_for(int threads, string? message) => Assert.Equal(
        message is null ? [] : [message], Check(Feasible.Step(threads: threads), Kernel() with { MostThreads = new Dimensions(16, 16, 1) }));

    [Fact]
    public void All_errors_come_at_once_in_the_order_of_the_steps()
    {
        var argument = new Argument(ArgumentKind.F64, null, 0, [.. new byte[8]]);
        var document = Feasible.Document() with
        {
            Steps = [Feasible.Step("gone"), Feasible.Step(), Feasible.Step(threads: 512, sharedBytes: JobLimits.SharedBytes, arguments: [argument, argument])],
        };
        var kernel = Kernel(shared: 1, parameters: [new ParameterShape("a", "u32", 4), new ParameterShape("b", "u64", 8)]) with { MostThreads = new Dimensions(1, 1, 1) };
        Assert.Equal(
            ["$.steps[0].kernel", "$.steps[1].block", "$.steps[1].arguments", "$.steps[2].sharedBytes", "$.steps[2].block", "$.steps[2].arguments[0]", "$.steps[2].arguments[1]"],
            LaunchCheck.Check(document, [kernel]).Select(error => error.Path));
    }

    private static KernelShape Kernel(string name = "main", int shared = 0, params ImmutableArray<ParameterShape> parameters) =>
        new(name, parameters.IsDefault ? [] : parameters, shared, null);

    private static IEnumerable<string> Check(StepSpec step, params KernelShape[] kernels) =>
        LaunchCheck.Check(Feasible.Document() with { Steps = [step] }, kernels).Select(error => error.ToString());
}
