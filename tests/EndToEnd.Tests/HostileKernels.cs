namespace Broker.EndToEnd.Tests;

/// <summary>Kernels that do what no kernel may, or take their time.</summary>
internal static class HostileKernels
{
    /// <summary>Counts to its second argument in every thread, then stores one: busy for as long as a test needs.</summary>
    public const string Spin = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry spin(.param .u64 out, .param .u32 count)
        {
            .reg .pred %p;
            .reg .b32 %i, %n, %one;
            .reg .b64 %a;
            ld.param.u64 %a, [out];
            ld.param.u32 %n, [count];
            cvta.to.global.u64 %a, %a;
            mov.u32 %i, 0;
        again:
            add.u32 %i, %i, 1;
            setp.lt.u32 %p, %i, %n;
            @%p bra again;
            mov.u32 %one, 1;
            st.global.u32 [%a], %one;
            ret;
        }
        """;

    /// <summary>Never ends.</summary>
    public const string Endless = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry endless(.param .u64 out)
        {
        again:
            bra again;
        }
        """;

    /// <summary>Stores just past the end of a buffer of 1024 bytes.</summary>
    public const string OutOfBounds = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry beyond(.param .u64 out)
        {
            .reg .b32 %v;
            .reg .b64 %a;
            ld.param.u64 %a, [out];
            cvta.to.global.u64 %a, %a;
            mov.u32 %v, 7;
            st.global.u32 [%a+1024], %v;
            ret;
        }
        """;

    /// <summary>Each of 32 threads takes its neighbour's word of shared memory without waiting for it.</summary>
    public const string Racy = """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry racy(.param .u64 out)
        {
            .reg .b32 %t, %n, %v;
            .reg .b64 %a, %s, %own, %other, %to;
            .shared .align 4 .b8 tile[128];
            mov.u32 %t, %tid.x;
            mov.u64 %s, tile;
            mad.wide.u32 %own, %t, 4, %s;
            st.shared.u32 [%own], %t;
            xor.b32 %n, %t, 1;
            mad.wide.u32 %other, %n, 4, %s;
            ld.shared.u32 %v, [%other];
            ld.param.u64 %a, [out];
            cvta.to.global.u64 %a, %a;
            mad.wide.u32 %to, %t, 4, %a;
            st.global.u32 [%to], %v;
            ret;
        }
        """;
}
