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

    public static string Saxpy { get; } = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "kernels", "saxpy.ptx"));

    public static ContentHash HashOf(string text) => ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(text));
}
