namespace Broker.Ptx.Tests;

/// <summary>Multiplies matrices the way compilers for tensor cores do: copies that run ahead, rows dealt out, products of a warp.</summary>
public class PipelineTests
{
    private const int Rows = 32, Columns = 16, Depth = 64;

    // Two warps with 16 rows each. A tile of A is 32 x 16 halves, one of B 16 x 16, each kept twice: one is used as the next comes.
    private const string Text = """
        .version 8.0
        .target sm_80
        .address_size 64
        .visible .entry multiply(.param .u64 a, .param .u64 b, .param .u64 c)
        {
        .reg .pred %p, %q;
        .reg .b32 %t, %lane, %warp, %k, %stage, %row, %part, %size, %to, %from, %x, %y, %a<4>, %b<4>;
        .reg .f32 %c<8>;
        .reg .b64 %pa, %pb, %pc, %sa, %sb, %at;
        .shared .align 16 .b8 tiles[3072];
        ld.param.u64 %pa, [a];
        ld.param.u64 %pb, [b];
        ld.param.u64 %pc, [c];
        mov.u32 %t, %tid.x;
        mov.u32 %lane, %laneid;
        shr.u32 %warp, %t, 5;
        // Each thread copies half a row of A, 16 bytes; 32 of them copy B too.
        shr.u32 %row, %t, 1;
        and.b32 %part, %t, 1;
        mad.lo.u32 %x, %row, 128, 0;
        mad.lo.u32 %x, %part, 16, %x;
        cvt.u64.u32 %at, %x;
        add.u64 %sa, %pa, %at;
        mad.lo.u32 %x, %row, 32, 0;
        mad.lo.u32 %x, %part, 16, %x;
        cvt.u64.u32 %at, %x;
        add.u64 %sb, %pb, %at;
        setp.lt.u32 %q, %t, 32;
        mov.u32 %size, 16;
        mov.u32 %to, tiles;
        add.u32 %to, %to, %x;
        mov.u32 %k, 0;
        mov.f32 %c0, 0f00000000; mov.f32 %c1, %c0; mov.f32 %c2, %c0; mov.f32 %c3, %c0;
        mov.f32 %c4, %c0; mov.f32 %c5, %c0; mov.f32 %c6, %c0; mov.f32 %c7, %c0;
        cp.async.cg.shared.global [%to], [%sa], 16;
        @%q cp.async.cg.shared.global.L2::128B [%to+2048], [%sb], 16, %size;
        cp.async.commit_group;
        NEXT:
        add.u32 %k, %k, 1;
        and.b32 %stage, %k, 1;
        setp.lt.u32 %p, %k, 4;
        add.u64 %sa, %sa, 32;
        add.u64 %sb, %sb, 512;
        mad.lo.u32 %y, %stage, 1024, %to;
        selp.b32 %size, 16, 0, %p;
        // Past the last tile there is nothing to copy: zeros take its place, and no source is touched.
        cp.async.cg.shared.global [%y], [%sa], 16, %size;
        mov.u32 %y, tiles;
        and.b32 %x, %t, 31;
        mad.lo.u32 %x, %x, 16, %y;
        mad.lo.u32 %x, %stage, 512, %x;
        @%q cp.async.ca.shared.global [%x+2048], [%sb], 16, %size;
        cp.async.commit_group;
        cp.async.wait_group 1;
        bar.sync 0;
        // Rows of A: lanes 0 to 15 name the left halves, 16 to 31 the right ones.
        xor.b32 %stage, %stage, 1;
        and.b32 %x, %lane, 15;
        mad.lo.u32 %x, %warp, 16, %x;
        shr.u32 %part, %lane, 4;
        mad.lo.u32 %from, %x, 32, %y;
        mad.lo.u32 %from, %part, 16, %from;
        mad.lo.u32 %from, %stage, 1024, %from;
        ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%a0, %a1, %a2, %a3}, [%from];
        // B lies row by row, and is wanted by columns.
        and.b32 %x, %lane, 15;
        mad.lo.u32 %from, %x, 32, %y;
        mad.lo.u32 %from, %part, 16, %from;
        mad.lo.u32 %from, %stage, 512, %from;
        ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%b0, %b1, %b2, %b3}, [%from+2048];
        mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%c0, %c1, %c2, %c3}, {%a0, %a1, %a2, %a3}, {%b0, %b1}, {%c0, %c1, %c2, %c3};
        mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%c4, %c5, %c6, %c7}, {%a0, %a1, %a2, %a3}, {%b2, %b3}, {%c4, %c5, %c6, %c7};
        bar.sync 0;
        @%p bra NEXT;
        shr.u32 %x, %lane, 2;
        mad.lo.u32 %x, %warp, 16, %x;
        and.b32 %y, %lane, 3;
        mul.lo.u32 %x, %x, 64;
        mad.lo.u32 %x, %y, 8, %x;
        cvt.u64.u32 %at, %x;
        add.u64 %pc, %pc, %at;
        st.global.v2.f32 [%pc], {%c0, %c1};
        st.global.v2.f32 [%pc+512], {%c2, %c3};
        st.global.v2.f32 [%pc+32], {%c4, %c5};
        st.global.v2.f32 [%pc+544], {%c6, %c7};
        ret;
        }
        """;

    [Fact]
    public void Tiles_are_copied_ahead_dealt_out_and_multiplied()
    {
        var random = new Random(2);
        var a = Enumerable.Range(0, Rows * Depth).Select(_ => (Half)random.Next(-8, 9)).ToArray();
        var b = Enumerable.Range(0, Depth * Columns).Select(_ => (Half)random.Next(-8, 9)).ToArray();
        using var device = new TestDevice();
        // Nothing lies behind either input.
        var (left, right) = (device.Allocate("a", a, writable: false), device.Allocate("b", b, writable: false));
        var product = device.Allocate("c", new float[Rows * Columns]);
        device.Run(Module.Parse(Text), "multiply", new TestLaunch(new Dim3(1, 1, 1), new Dim3(2 * Rows, 1, 1)), left, right, product);
        var expected = Enumerable.Range(0, Rows * Columns)
            .Select(i => (float)Enumerable.Range(0, Depth).Sum(k => (int)a[i / Columns * Depth + k] * (int)b[k * Columns + i % Columns]))
            .ToArray();
        Assert.Equal(expected, TestDevice.Read<float>(product));
    }
}
