using Broker.Core.Ids;

namespace Broker.Worker.Tests;

/// <summary>Programs to run: the repository's kernels, and small ones that misbehave.</summary>
internal static class Programs
{
    /// <summary>Loops for ever, at lines 10 and 11.</summary>
    public const string Endless = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry endless(
            .param .u32 n
        )
        {
            .reg .b32 %r<2>;
        $L:
            add.s32 %r1, %r1, 1;
            bra $L;
        }
        """;

    /// <summary>Writes its block's index behind an address, without asking whether the buffer goes so far; the store is at line 13.</summary>
    public const string Store = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry store(
            .param .u64 out
        )
        {
            .reg .b32 %r<2>;
            .reg .b64 %rd<4>;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %ctaid.x;
            mad.wide.u32 %rd2, %r1, 4, %rd1;
            st.global.u32 [%rd2], %r1;
            ret;
        }
        """;

    /// <summary>Writes to every page of a gibibyte.</summary>
    public const string Hog = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry hog(
            .param .u64 out
        )
        {
            .reg .b32 %r<2>;
            .reg .b64 %rd<3>;
            .reg .pred %p<2>;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, 0;
        $L:
            st.global.u32 [%rd1], %r1;
            add.u64 %rd1, %rd1, 4096;
            add.u32 %r1, %r1, 1;
            setp.lt.u32 %p1, %r1, 262144;
            @%p1 bra $L;
            ret;
        }
        """;

    /// <summary>Adds one to a number, in every thread.</summary>
    public const string Count = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry count(
            .param .u64 out
        )
        {
            .reg .b64 %rd<2>;
            ld.param.u64 %rd1, [out];
            red.global.add.u32 [%rd1], 1;
            ret;
        }
        """;

    /// <summary>Only thread (3, 1, 1) of block (1, 2, 1) stores, far behind an address.</summary>
    public const string Spread = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry spread(
            .param .u64 out
        )
        {
            .reg .b32 %r<12>;
            .reg .b64 %rd<4>;
            .reg .pred %p<2>;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %ctaid.x;
            mov.u32 %r2, %ctaid.y;
            mov.u32 %r3, %ctaid.z;
            mov.u32 %r4, %tid.x;
            mov.u32 %r5, %tid.y;
            mov.u32 %r6, %tid.z;
            add.u32 %r7, %r1, %r2;
            add.u32 %r7, %r7, %r3;
            add.u32 %r7, %r7, %r4;
            add.u32 %r7, %r7, %r5;
            add.u32 %r7, %r7, %r6;
            setp.lt.u32 %p1, %r7, 9;
            @%p1 bra $L;
            st.global.u32 [%rd1+4096], %r7;
        $L:
            ret;
        }
        """;

    /// <summary>Each of the first n threads of a block prints a line, as clang writes a call of printf.</summary>
    public const string Greet = """
        .version 7.0
        .target sm_70
        .address_size 64
        .extern .func  (.param .b32 func_retval0) vprintf
        (
            .param .b64 vprintf_param_0,
            .param .b64 vprintf_param_1
        )
        ;
        .global .align 1 .b8 _$_str[32] = {116, 104, 114, 101, 97, 100, 32, 37, 117, 32, 111, 102, 32, 98, 108, 111, 99, 107, 32, 37, 117, 58, 32, 37, 46, 50, 102, 32, 37, 115, 10};
        .global .align 1 .b8 _$_str1[5] = {100, 111, 110, 101};
        .visible .entry greet(
            .param .u32 greet_param_0
        )
        {
            .local .align 8 .b8     __local_depot0[24];
            .reg .b64     %SP;
            .reg .b64     %SPL;
            .reg .pred     %p<2>;
            .reg .b32     %r<6>;
            .reg .b64     %rd<8>;
            .reg .f64     %fd<3>;
            mov.u64     %SPL, __local_depot0;
            cvta.local.u64     %SP, %SPL;
            ld.param.u32     %r2, [greet_param_0];
            mov.u32     %r1, %tid.x;
            setp.ge.u32     %p1, %r1, %r2;
            @%p1 bra     $L__BB0_2;
            add.u64     %rd2, %SP, 0;
            add.u64     %rd1, %SPL, 0;
            mov.u32     %r3, %ctaid.x;
            cvt.rn.f64.u32     %fd1, %r1;
            mul.rn.f64     %fd2, %fd1, 0d3FE0000000000000;
            st.local.v2.u32     [%rd1], {%r1, %r3};
            st.local.f64     [%rd1+8], %fd2;
            mov.u64     %rd3, _$_str1;
            cvta.global.u64     %rd4, %rd3;
            st.local.u64     [%rd1+16], %rd4;
            mov.u64     %rd5, _$_str;
            cvta.global.u64     %rd6, %rd5;
            {
            .param .b64 param0;
            st.param.b64     [param0+0], %rd6;
            .param .b64 param1;
            st.param.b64     [param1+0], %rd2;
            .param .b32 retval0;
            call.uni (retval0),
            vprintf,
            (
            param0,
            param1
            );
            ld.param.b32     %r4, [retval0+0];
            }
        $L__BB0_2:
            ret;
        }
        """;

    public static string Saxpy { get; } = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "kernels", "saxpy.ptx"));

    public static ContentHash HashOf(string text) => ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(text));
}
