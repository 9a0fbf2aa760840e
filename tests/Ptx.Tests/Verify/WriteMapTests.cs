using Broker.Ptx.Audit;
using Broker.Ptx.Tests.Audit;
using Broker.Ptx.Verify;
using CsCheck;

namespace Broker.Ptx.Tests.Verify;

/// <summary>Holds what the write map says, by reading alone, against what blocks write when they run.</summary>
public class WriteMapTests
{
    public static TheoryData<string, string> Exact => new()
    {
        { "saxpy", "saxpy" },
        { "sgemm-16", "sgemm" },
        { "mandelbrot", "mandelbrot" },
        { "raytrace", "render" },
        { "reduce", "reduce_float" },
        { "exact-math", "exact_math" },
    };

    [Theory]
    [MemberData(nameof(Exact))]
    public void Map_of_a_kernel_is_what_its_blocks_write(string file, string entry)
    {
        var (launch, pointers) = KernelLaunches.Of(entry);
        Check(Module.Parse(Repository.Kernel(file + ".ptx")), entry, launch, pointers);
    }

    /// <summary>Makes stores at random affine places; where the class is exact the map must be what an audit finds, block by block.</summary>
    [Fact]
    public void Map_of_a_random_exact_kernel_is_what_its_blocks_write()
    {
        var exact = 0;
        var shapes = Gen.Select(Gen.Int[1, 3], Gen.Int[0, 3], Gen.Int[-2, 40], Gen.Int[0, 2], Gen.Int[1, 9], Gen.Int[0, 160]);
        Gen.Select(shapes, Gen.Bool, Gen.Bool).Sample(
            (shape, loops, divides) =>
            {
                var (threadFactor, blockKind, constant, guardKind, divisor, limit) = shape;
                var module = Module.Parse(Launched.Text(Body(threadFactor, blockKind, constant, guardKind, divisor, limit, loops, divides)));
                var launch = Launched.Launch(32, 4, (uint)limit, (uint)divisor);
                var pointers = Launched.Pointers(1024);
                if (Classifier.Classify(module, "test", launch, pointers).Class != KernelClass.Exact) return;
                Interlocked.Increment(ref exact);
                Check(module, "test", launch, pointers);
            },
            iter: 400, seed: "0000KOIPKI_2", threads: 1);
        Assert.InRange(exact, 40, 400);
    }

    /// <summary>The same with blocks and grids of two dimensions, stores of several widths, and a ragged edge in each direction.</summary>
    [Fact]
    public void Map_of_a_random_exact_kernel_of_two_dimensions_is_what_its_blocks_write()
    {
        var exact = 0;
        var shapes = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[1, 33], Gen.Int[1, 30], Gen.Int[0, 3], Gen.Int[0, 4]);
        Gen.Select(shapes, Gen.Bool, Gen.Bool).Sample(
            (shape, loops, turned) =>
            {
                var (storeKind, guardKind, columns, rows, padding, constant) = shape;
                var module = Module.Parse(Launched.Text(Rows(storeKind, guardKind, columns, rows, columns + padding, constant, loops, turned)));
                var launch = Launched.Launch(32, 4, (uint)columns, (uint)rows) with { Grid = new Dim3(2, 3, 1), Block = new Dim3(8, 4, 1) };
                var pointers = Launched.Pointers(2048);
                if (Classifier.Classify(module, "test", launch, pointers).Class != KernelClass.Exact) return;
                Interlocked.Increment(ref exact);
                Check(module, "test", launch, pointers);
            },
            iter: 400, seed: "0000KOIPKI_2", threads: 1);
        Assert.InRange(exact, 40, 400);
    }

    [Fact]
    public void Map_of_several_stores_has_what_each_of_them_writes() => Check(
        Module.Parse(Launched.Text("mad.wide.u32 %rd1, %i, 16, %out;\nst.global.u32 [%rd1], %i;\nst.global.u16 [%rd1+6], %i;\nst.global.u8 [%rd1+15], %i;")),
        "test", Launched.Launch(32, 4, 100, 7), Launched.Pointers(2048));

    [Fact]
    public void Map_of_a_launch_that_is_not_exact_does_not_exist() =>
        Assert.Null(WriteMap.Find(Module.Parse(Launched.Text("st.global.u32 [%at+4], 1;")), "test", Launched.Launch(32, 4, 100, 7), Launched.Pointers(512)));

    [Fact]
    public void Large_matrix_is_mapped_without_looking_at_its_threads()
    {
        const uint Size = 4096;
        var parameters = new byte[24].Concat(BitConverter.GetBytes(Size)).Concat(BitConverter.GetBytes(Size)).Concat(BitConverter.GetBytes(Size)).ToArray();
        var launch = new KernelLaunch(new Dim3(Size / 16, Size / 16, 1), new Dim3(16, 16, 1), 0, parameters);
        LaunchPointer[] pointers = [.. Enumerable.Range(0, 3).Select(i => new LaunchPointer(8 * i, new LaunchBuffer($"{i}", 4L * Size * Size, i == 0)))];
        var map = WriteMap.Find(Module.Parse(Repository.Kernel("sgemm-16.ptx")), "sgemm", launch, pointers)!;
        Assert.Equal(Enumerable.Range(0, 16).Select(row => new ByteRange((3 * 16 + row) * 4 * Size + 7 * 64, (3 * 16 + row) * 4 * Size + 8 * 64)), map.RangesOf(new Dim3(7, 3, 0), "0"));
        Assert.Equal(new Dim3(7, 3, 0), map.FindOwner("0", new ByteRange(50 * 4 * Size + 7 * 64 + 5, 50 * 4 * Size + 7 * 64 + 6)));
        Assert.Null(map.FindOwner("1", new ByteRange(0, 4096)));
        Assert.Equal([new ByteRange(0, 4L * Size * Size)], map.FindOwnedRanges("0")!);
        Assert.Empty(map.FindOwnedRanges("1")!);
    }

    private static string Body(int threadFactor, int blockKind, int constant, int guardKind, int divisor, int limit, bool loops, bool divides)
    {
        var index = divides ? $"div.u32 %r1, %tx, {divisor};\nrem.u32 %r2, %tx, {divisor};\nmad.lo.u32 %r3, %r2, 32, %r1;\n" : $"mul.lo.u32 %r3, %tx, {threadFactor};\n";
        var blockFactor = new[] { 32, 64, 100, 8 * divisor }[blockKind];
        var place = $"mad.lo.u32 %r4, %cx, {blockFactor}, %r3;\nadd.s32 %r4, %r4, {constant};\n";
        var guard = guardKind switch
        {
            0 => "",
            1 => $"setp.ge.u32 %p, %r4, {limit};\n@%p bra END;\n",
            _ => $"setp.gt.s32 %p, %r4, {limit};\nsetp.lt.s32 %q, %r4, 0;\nor.pred %s, %p, %q;\n@%s bra END;\n",
        };
        const string Store = "mad.wide.s32 %rd1, %r4, 4, %out;\nst.global.u32 [%rd1], %i;\n";
        var body = loops ? $"LOOP:\n{Store}add.s32 %r4, %r4, 128;\nsetp.lt.s32 %p, %r4, {limit};\n@%p bra LOOP;\n" : Store;
        return index + place + guard + body + "END:";
    }

    private static string Rows(int storeKind, int guardKind, int columns, int rows, int pitch, int constant, bool loops, bool turned)
    {
        var (x, y) = turned ? ("y", "x") : ("x", "y");
        var place = $"mov.u32 %r1, %ctaid.{x};\nmov.u32 %r2, %ntid.{x};\nmov.u32 %r3, %tid.{x};\nmad.lo.u32 %r4, %r1, %r2, %r3;\n"
            + $"mov.u32 %r5, %ctaid.{y};\nmov.u32 %r6, %ntid.{y};\nmov.u32 %r7, %tid.{y};\nmad.lo.u32 %r8, %r5, %r6, %r7;\n";
        var guard = guardKind switch
        {
            0 => $"setp.ge.u32 %p, %r4, %n;\n@%p bra END;\nsetp.ge.u32 %p, %r8, %m;\n@%p bra END;\n",
            1 => "setp.lt.u32 %p, %r4, %n;\nsetp.lt.and.u32 %p, %r8, %m, %p;\n@!%p bra END;\n",
            _ => $"setp.gt.s32 %p, %r4, {columns - 1};\nsetp.ge.s32 %q, %r8, {rows};\nor.pred %s, %p, %q;\n@%s bra END;\n",
        };
        var (bytes, store) = new[] { (4, "st.global.u32 [%rd1], %i;"), (1, "st.global.u8 [%rd1], %i;"), (2, "st.global.u16 [%rd1], %i;"), (8, "st.global.v2.u32 [%rd1], {%i, %n};") }[storeKind];
        store = $"mad.lo.u32 %r9, %r8, {pitch}, %r4;\nadd.u32 %r9, %r9, {constant};\nmad.wide.u32 %rd1, %r9, {bytes}, %out;\n{store}\n";
        var body = loops ? $"LOOP:\n{store}add.u32 %r8, %r8, 12;\nsetp.lt.u32 %p, %r8, %m;\n@%p bra LOOP;\n" : store;
        return place + guard + body + "END:";
    }

    /// <summary>The stretches of bytes that some block wrote.</summary>
    private static List<ByteRange> Owned(Dim3?[] owners)
    {
        var ranges = new List<ByteRange>();
        for (var start = 0; start < owners.Length; start++)
        {
            if (owners[start] is null) continue;
            var end = start;
            while (end < owners.Length && owners[end] is not null) end++;
            ranges.Add(new ByteRange(start, end));
            start = end;
        }

        return ranges;
    }

    private static void Check(Module module, string entry, KernelLaunch launch, IReadOnlyList<LaunchPointer> pointers)
    {
        using var memory = new AuditMemory();
        var parameters = launch.Parameters.ToArray();
        foreach (var pointer in pointers)
        {
            var buffer = memory.Allocate(pointer.Buffer.Name, pointer.Buffer.Bytes, pointer.Buffer.Writable, new Content(pointer.Buffer.Bytes));
            BitConverter.GetBytes(buffer.Address).CopyTo(parameters, pointer.Offset);
        }

        launch = launch with { Parameters = parameters };
        var map = WriteMap.Find(module, entry, launch, pointers)!;
        var kernel = CompiledKernel.Compile(module, entry);
        var output = pointers[0].Buffer.Name;
        var owned = new Dim3?[pointers[0].Buffer.Bytes];
        for (var index = 0ul; index < launch.Grid.Count; index++)
        {
            var block = launch.Grid.At(index);
            var audit = kernel.Audit(launch, memory, block, false, new RunOptions(), TestContext.Current.CancellationToken);
            Assert.Equal(AuditStatus.Completed, audit.Status);
            var ranges = map.RangesOf(block, output);
            Assert.Equal(audit.Writes.Select(w => new ByteRange(w.Start, w.Start + w.Bytes.Length)), ranges);
            foreach (var range in ranges) Array.Fill(owned, block, (int)range.Start, (int)(range.End - range.Start));
        }

        Assert.Equal(Owned(owned), map.FindOwnedRanges(output));
        for (var at = 0; at < owned.Length; at += 13) Assert.Equal((at, owned[at]), (at, map.FindOwner(output, new ByteRange(at, at + 1))));
    }
}
