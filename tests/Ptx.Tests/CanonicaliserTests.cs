namespace Broker.Ptx.Tests;

public class CanonicaliserTests
{
    [Fact]
    public void Sums_and_products_of_floats_name_their_rounding()
    {
        var canonical = Canonical(Kernel.Text("add.f32 %f1, %f2, %f3;\nmul.ftz.sat.f32 %f1, %f2, %f3;\nsub.rz.f32 %f1, %f2, %f3;\nadd.u32 %r1, %r2, %r3;\nadd.f16x2 %r1, %r2, %r3;"));
        Assert.Contains("\tadd.rn.f32 %f1, %f2, %f3;\n\tmul.rn.ftz.sat.f32 %f1, %f2, %f3;\n\tsub.rz.f32 %f1, %f2, %f3;\n\tadd.u32 %r1, %r2, %r3;\n\tadd.rn.f16x2 %r1, %r2, %r3;\n", canonical, StringComparison.Ordinal);
    }

    [Fact]
    public void Canonical_text_reads_like_this()
    {
        var text = """
            // comment
            .version   7.0
            .target sm_70, debug
            .address_size 64
            .file 1 "a.cu"
            .pragma "nounroll";
            .visible .global .attribute(.managed) .align 4 .u32 shared_with_host;
            .global .align 8 .b8 table[0x10] = {1, 0xff, 3};
            .extern .func (.param .b32 r) g(.param .b32 x);
            .visible .entry k(.param .u64 .ptr .global .align 4 p) /* here */ .maxntid 32,1,1
            {
              .reg .pred %p<2>; .reg .f32 %f<4>; .reg .u64 %rd<3>; .reg .u32 %r;
              .loc 1 2 3
              .pragma "nounroll";
            L: ld.param.u64 %rd1, [p+0];
              @!%p1 bra L;
              ld.global.v2.f32 {%f1, _}, [%rd1+-8];
              mov.f32 %f2, 0F3f800000; add.f32 %f1, %f2, 1.5;
              setp.lt.and.u32 %p0|%p1, %r, 0x10, !%p1;
              ret;
            }
            """;
        Assert.Equal("""
            .version 7.0
            .target sm_70, debug
            .address_size 64
            .visible .global .attribute(.managed) .align 4 .u32 shared_with_host;
            .global .align 8 .b8 table[16] = {1, 255, 3};
            .extern .func (.param .b32 r) g(.param .b32 x)
            ;
            .visible .entry k(.param .u64 .ptr .global .align 4 p)
            .maxntid 32, 1, 1
            {
            	.reg .pred %p<2>;
            	.reg .f32 %f<4>;
            	.reg .u64 %rd<3>;
            	.reg .u32 %r;
            	.pragma "nounroll";
            	L:
            	ld.param.u64 %rd1, [p];
            	@!%p1 bra L;
            	ld.global.v2.f32 {%f1, _}, [%rd1-8];
            	mov.f32 %f2, 0f3F800000;
            	add.rn.f32 %f1, %f2, 0d3FF8000000000000;
            	setp.lt.and.u32 %p0|%p1, %r, 16, !%p1;
            	ret;
            }

            """, Canonical(text));
    }

    [Fact]
    public void Identity_is_the_hash_of_the_canonical_text()
    {
        var text = Kernel.Text("add.f32 %f1, %f2, %f3;");
        var program = Module.Parse(text).Canonicalise();
        Assert.Equal(program, Module.Parse(text.Replace("add.f32", "  add.rn.f32 // same\n", StringComparison.Ordinal)).Canonicalise());
        Assert.NotEqual(program.Sha256, Module.Parse(text.Replace("add.f32", "add.rz.f32", StringComparison.Ordinal)).Canonicalise().Sha256);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(program.Text))), program.Sha256);
    }

    [Theory]
    [InlineData("\uFEFF", "\n", "")]
    [InlineData("", "\r\n", "")]
    [InlineData("", "\n", "\0")]
    [InlineData("\uFEFF", "\r\n", "\0\0")]
    public void Identity_does_not_depend_on_how_a_file_was_saved(string start, string line, string end)
    {
        var text = Kernel.Text("add.f32 %f1, %f2, %f3; // naïve 加");
        var saved = start + text.ReplaceLineEndings(line) + end;
        Assert.NotEqual(text, saved);
        Assert.Equal(Module.Parse(text).Canonicalise(), Module.Parse(saved).Canonicalise());
    }

    public static TheoryData<string> Texts => new(PtxTexts.All.Keys.Order());

    [Theory]
    [MemberData(nameof(Texts))]
    public void Canonical_text_is_its_own_canonical_text(string name)
    {
        var once = Module.Parse(PtxTexts.All[name]).Canonicalise();
        Assert.Equal(once, Module.Parse(once.Text).Canonicalise());
    }

    private static string Canonical(string text) => Module.Parse(text).Canonicalise().Text;
}
