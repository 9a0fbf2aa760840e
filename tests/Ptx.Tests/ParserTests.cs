namespace Broker.Ptx.Tests;

public class ParserTests
{
    public static TheoryData<string, int, int, string> Malformed => new()
    {
        { "", 1, 1, "expected '.version' first, found the end of the text" },
        { ".version 8.0", 1, 13, "the text has no '.target'" },
        { ".version 8.0 .target sm_70 é", 1, 28, "unexpected character U+00E9" },
        { ".version 8.0\n.target sm_70\n/* never", 3, 1, "this comment does not end" },
        { Kernel.Text("add.u32 %r1, %r2, %r9;"), 14, 19, "'%r9' is not declared" },
        { Kernel.Text("frobnicate.u32 %r1;"), 14, 1, "there is no instruction 'frobnicate'" },
        { Kernel.Text("add.u32 %r1, %r2, 0xg;"), 14, 19, "this integer has no digits" },
        { Kernel.Text("add.u32 %r1, %r2, 99999999999999999999;"), 14, 19, "this integer is out of range or has a wrong digit" },
        { Kernel.Text("mov.f32 %f1, 0f3F8;"), 14, 14, "a floating-point number in hexadecimal has 8 digits here" },
        { Kernel.Text("add.u32 %r1, %r2, %r3"), 15, 1, "expected ';', found 'ret'" },
        { Kernel.Text("bra NOWHERE;"), 14, 5, "'NOWHERE' is not declared" },
        { Kernel.Text("{ INNER: }\nbra INNER;"), 15, 5, "'INNER' is not declared" },
        { Kernel.Text("A:\nA:"), 15, 1, "'A' is declared twice" },
        { Kernel.Text(".reg .u32 %p;"), 14, 11, "'%p' is declared twice" },
        { Kernel.Text("@%r1 bra A;\nA:"), 14, 2, "'%r1' is not a predicate" },
        { Kernel.Text("{"), 4, 0, "" },
        { Kernel.Header + ".global .u32 x = {1, 2};", 4, 14, "'x' has more initial values than places" },
        { Kernel.Header + ".global .u32 x[2] = {1, 2, 3};", 4, 14, "'x' has more initial values than places" },
        { Kernel.Header + ".global .align 3 .u32 x;", 4, 16, "expected an alignment, a power of two up to 1024, found '3'" },
        { Kernel.Header + ".global .attribute(.managed .u32 x;", 4, 29, "expected ')', found '.u32'" },
        { Kernel.Header + ".visible .entry f(.param .u64 p) .maxntid 1,2,3,4 { ret; }", 4, 34, ".maxntid has 4 numbers" },
        { Kernel.Header + ".visible .entry f() { .reg .v4 .f64 %v; ret; }", 4, 32, "there are no vectors of 4 .f64" },
        { Kernel.Header + ".visible .entry f() { .reg .v2 .f32 %v; mov.f32 %v.z, 0f00000000; ret; }", 4, 51, "'%v' has no part .z" },
        { Kernel.Header + ".entry f() { ret; } .entry f() { ret; }", 4, 28, "'f' is declared twice" },
        { Kernel.Header + ".entry f(); .func f() { ret; }", 4, 19, "'f' is declared twice" },
        { Kernel.Header + ".global .u32 x1; .global .u32 x<2>;", 4, 31, "'x1' is declared twice" },
        { Kernel.Header + ".func _ZN3v0.0E() { ret; }", 4, 13, "expected a directive, found '.0E'" },
        { Kernel.Header + new string('{', 100_000), 4, 1, "expected a directive, found '{'" },
        { Kernel.Text(new string('{', 100_000)), 14, 32, "braces are nested deeper than 32" },
        { Kernel.Text("mov.u32 " + new string('{', 100_000)), 14, 40, "braces are nested deeper than 32" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_text_is_an_error_with_line_and_column(string text, int line, int column, string message)
    {
        var error = Assert.Throws<PtxException>(() => Module.Parse(text)).Errors[0];
        Assert.Equal(PtxErrorKind.Malformed, error.Kind);
        if (message.Length > 0) Assert.Equal((line, column, message), (error.Line, error.Column, error.Message));
    }

    [Theory]
    [InlineData(".texref t;", "the directive .texref")]
    [InlineData(".visible .entry f() .explicitcluster { ret; }", "the directive .explicitcluster")]
    [InlineData(".global .attribute(.unified(19, 95)) .u32 x;", "variables with the attribute .unified")]
    [InlineData(".global .u32 x; .global .u8 bytes[2] = {0xFF(x), 0xFF00(x)};", "initial values that are parts of an address")]
    [InlineData(".visible .entry f() .reqnctapercluster 2 { ret; }", "the directive .reqnctapercluster")]
    [InlineData(".func .attribute(.unified(19, 95)) f() { ret; }", "functions with attributes")]
    [InlineData(".visible .func f(.reg .v2 .f32 %v) { ret; }", "vectors as parameters")]
    [InlineData(".global .u32 many<1025>;", "more than 1024 variables of one name")]
    [InlineData(".extern .global .u32 far; .global .u64 near = generic(far);", "'far', which another module defines")]
    [InlineData(".visible .entry f() { .reg .f16x4 %v; ret; }", "registers of type .f16x4")]
    public void Declarations_that_are_not_supported_say_so(string declaration, string message)
    {
        var error = Assert.Throws<PtxException>(() => Module.Parse(Kernel.Header + declaration)).Errors[0];
        Assert.Equal((PtxErrorKind.NotSupported, 4, message), (error.Kind, error.Line, error.Message));
    }

    [Fact]
    public void Signature_gives_parameters_their_places()
    {
        var module = Module.Parse($$"""
            {{Kernel.Header}}.shared .align 8 .b8 used[12];
            .shared .b8 unused[100];
            .visible .entry first(
                .param .u32 n,
                .param .u64 .ptr .global .align 16 data,
                .param .align 4 .b8 point[12],
                .param .f64 x
            )
            .maxntid 16, 8
            .reqntid 16, 8, 1
            .minnctapersm 2
            {
                .reg .u32 %r;
                .shared .u32 own[2];
                ld.shared.u32 %r, [used];
                ld.shared.u32 %r, [own];
                ret;
            }
            .entry second() { ret; }
            """);
        var first = module.Kernels[0];
        Assert.Equal(
            [new("n", "u32", 4, 4, 0), new("data", "u64", 8, 8, 8), new("point", "b8[12]", 12, 4, 16), new KernelParameter("x", "f64", 8, 8, 32)],
            first.Parameters);
        Assert.Equal(("first", 40, 20, 6), (first.Name, first.PackedBytes, first.StaticSharedBytes, first.Line));
        Assert.Equal((new Dim3(16, 8, 1), new Dim3(16, 8, 1)), (first.MaxThreads, first.RequiredThreads));
        Assert.Equal(("second", 0), (module.Kernels[1].Name, module.Kernels[1].PackedBytes));
    }

    [Fact]
    public void Refusals_come_in_the_order_of_the_text()
    {
        var errors = Module.Parse(Kernel.Text("tcgen05.wait::ld.sync.aligned;\ntrap;\nwgmma.fence.sync.aligned;")).CheckSupported();
        Assert.Equal([14, 16], errors.Select(e => e.Line));
    }

    [Fact]
    public void Kernel_with_refusals_does_not_compile()
    {
        var module = Module.Parse(Kernel.Text("wgmma.fence.sync.aligned;"));
        Assert.Throws<PtxException>(() => CompiledKernel.Compile(module, "test"));
        Assert.Throws<ArgumentException>(() => CompiledKernel.Compile(Module.Parse(Kernel.Text("")), "other"));
    }

    [Fact]
    public void Recursion_is_refused()
    {
        var module = Module.Parse($"{Kernel.Header}.func f();\n.func g() {{ call f; ret; }}\n.func f() {{ call g; ret; }}\n.visible .entry test() {{ call f; ret; }}");
        Assert.Equal(["line 5, column 13: not supported yet: the recursive call of 'f'"], module.CheckSupported().Select(e => e.ToString()));
    }

    [Fact]
    public void Calls_that_multiply_are_refused()
    {
        var functions = string.Concat(Enumerable.Range(1, 40).Select(i => $".func f{i}() {{ call f{i - 1}; call f{i - 1}; ret; }}\n"));
        var module = Module.Parse($"{Kernel.Header}.func f0() {{ ret; }}\n{functions}.visible .entry test() {{ call f40; ret; }}");
        Assert.Contains("kernels of more than 65536 instructions", Assert.Single(module.CheckSupported()).Message, StringComparison.Ordinal);
    }
}
