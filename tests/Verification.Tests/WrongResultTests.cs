using System.Collections.Immutable;
using System.Text;
using Broker.Core.Verification;
using Broker.Tests;
using CsCheck;

namespace Broker.Verification.Tests;

/// <summary>Every kind of wrong result is found.</summary>
public class WrongResultTests
{
    private const string Copy = "st.global.f32 [%at], %f;";

    public static TheoryData<string> Names => [.. Jobs.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Any_changed_byte_is_found_by_a_full_check(string name)
    {
        var job = Jobs.Make(name);
        var honest = job.Run();
        var random = new Random(1);
        for (var trial = 0; trial < 6; trial++)
        {
            var result = honest.Copy();
            var bytes = result.Buffers[0].Bytes;
            // The highest byte of a float: an open NaN bit alone is no difference.
            var at = random.Next(bytes.Length / 4) * 4;
            if ((BitConverter.ToUInt32(bytes, at) & 0x7f80_0000) == 0x7f80_0000) continue;
            bytes[at + random.Next(4)] ^= (byte)(1 << random.Next(7));
            var verdict = await Jobs.CheckAsync(job, result);
            Assert.Equal(VerdictKind.Failed, verdict.Kind);
            Assert.Equal(1, verdict.MismatchCount);
            Assert.InRange(verdict.Mismatches[0].Offset, at, at + 3);
            Assert.NotNull(verdict.Mismatches[0].Opened);
        }
    }

    [Fact]
    public async Task A_wrong_block_is_named_with_what_was_committed_and_what_must_stand_there()
    {
        var job = Jobs.Small(Copy);
        var result = job.Run();
        result["out"].AsSpan(256, 4).Fill(0xab);
        var verdict = await Jobs.CheckAsync(job, result);
        var mismatch = Assert.Single(verdict.Mismatches);
        Assert.Equal((new BlockIndex(0, 2), "out", 256L), (mismatch.Block!.Value, mismatch.Buffer, mismatch.Offset));
        Assert.StartsWith("abababab", mismatch.Committed, StringComparison.Ordinal);
        Assert.StartsWith(Convert.ToHexStringLower(job.ContentOf("in").AsSpan(256, 4)), mismatch.Expected, StringComparison.Ordinal);
        var root = result.Commit()[0];
        Assert.Equal(result["out"].AsSpan(0, 4096), mismatch.Opened!.Bytes.Span);
        Assert.True(MerkleTree.Leads(MerkleTree.Leaf(mismatch.Opened.Bytes.Span), 0, MerkleTree.Count(root.Bytes), mismatch.Opened.Path.AsSpan(), root.Root));
        Assert.Contains("block 2 of launch 0 in 'out' at byte 256", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_blocks_are_counted_each_once_and_some_of_them_opened()
    {
        var job = Jobs.Make("saxpy");
        var result = job.Run();
        Array.Clear(result["y"]);
        var verdict = await Jobs.CheckAsync(job, result);
        Assert.Equal((VerdictKind.Failed, 40, Verdict.MostListed), (verdict.Kind, verdict.MismatchCount, verdict.Mismatches.Length));
        Assert.Equal(Verdict.MostOpened, verdict.Mismatches.Count(mismatch => mismatch.Opened is not null));
        Assert.Equal(verdict.Mismatches.Length, verdict.Mismatches.Select(mismatch => mismatch.Block).Distinct().Count());
    }

    [Fact]
    public async Task A_block_that_is_wrong_in_several_buffers_is_one_wrong_block()
    {
        var job = Jobs.Make("adam");
        var result = job.Run();
        foreach (var (_, bytes) in result.Buffers) Array.Fill(bytes, (byte)1);
        Assert.Equal(40, (await Jobs.CheckAsync(job, result)).MismatchCount);
    }

    [Fact]
    public async Task A_leaf_that_no_block_writes_is_found_wherever_it_lies_whatever_the_sample() => await Gen.Select(Gen.Int[4096, (4 * 4096) + 99], Gen.Int[0, 255]).SampleAsync(async (at, seed) =>
    {
        var job = Jobs.Small(Copy, VerificationMode.Sample).With(new VerificationSpec { Mode = VerificationMode.Sample, FractionMillionths = 500_000, ConfidenceMillionths = 500_000 });
        var result = job.Run();
        result["out"][at] = 1;
        var verdict = await Jobs.CheckAsync(job, result, seed);
        var mismatch = Assert.Single(verdict.Mismatches);
        Assert.Equal((VerdictKind.Failed, null, (long)at), (verdict.Kind, mismatch.Block, mismatch.Offset));
        Assert.NotNull(mismatch.Opened);
    }, iter: 20, threads: 1);

    [Fact]
    public async Task Bytes_that_no_block_writes_beside_some_that_one_does_are_found_with_the_leaf()
    {
        var job = Jobs.Small(Copy);
        var result = job.Run();
        result["out"][4095] = 1;
        var verdict = await Jobs.CheckAsync(job, result);
        var mismatch = Assert.Single(verdict.Mismatches);
        Assert.Equal((VerdictKind.Failed, null, 4095L), (verdict.Kind, mismatch.Block, mismatch.Offset));
    }

    [Fact]
    public async Task What_an_inout_buffer_held_before_must_stand_where_no_block_writes()
    {
        var before = Enumerable.Range(1, 3000).ToArray();
        var small = Jobs.Small(Copy);
        var job = MemoryJob.Make(
            small.Program, VerificationMode.Full, [MemoryBuffer.Inout("out", before), MemoryBuffer.Input("in", Jobs.Floats(128, 9))], small.Document.Steps[0]);
        var honest = job.Run();
        Assert.Equal(VerdictKind.Passed, (await Jobs.CheckAsync(job, honest)).Kind);
        foreach (var at in new[] { 512, 4000, 4096, 11_999 })
        {
            var result = honest.Copy();
            result["out"][at] ^= 0x80;
            var verdict = await Jobs.CheckAsync(job, result);
            Assert.Equal((VerdictKind.Failed, (long)at), (verdict.Kind, Assert.Single(verdict.Mismatches).Offset));
        }
    }

    [Fact]
    public async Task A_nan_may_have_any_payload_and_stands_for_no_number()
    {
        // The square root of -1 where the number is negative, and the number where it is not.
        var job = Jobs.Small("sqrt.rn.f32 %f, %f;\n" + Copy);
        var honest = job.Run();
        var (nan, number) = (Find(honest, float.IsNaN), Find(honest, float.IsFinite));
        var payload = honest.Copy();
        BitConverter.TryWriteBytes(payload["out"].AsSpan(nan), 0xffc0_1234);
        Assert.Equal(VerdictKind.Passed, (await Jobs.CheckAsync(job, payload)).Kind);
        var planted = honest.Copy();
        BitConverter.TryWriteBytes(planted["out"].AsSpan(number), float.NaN);
        var verdict = await Jobs.CheckAsync(job, planted);
        Assert.Equal((VerdictKind.Failed, (long)number), (verdict.Kind, Assert.Single(verdict.Mismatches).Offset / 4 * 4));
        var real = honest.Copy();
        BitConverter.TryWriteBytes(real["out"].AsSpan(nan), 1f);
        Assert.Equal(VerdictKind.Failed, (await Jobs.CheckAsync(job, real)).Kind);
        var infinity = honest.Copy();
        BitConverter.TryWriteBytes(infinity["out"].AsSpan(nan), float.PositiveInfinity);
        Assert.Equal(VerdictKind.Failed, (await Jobs.CheckAsync(job, infinity)).Kind);
    }

    [Fact]
    public async Task Stored_bytes_that_are_not_what_was_committed_to_are_a_wrong_result()
    {
        var job = Jobs.Make("saxpy");
        var result = job.Run();
        result.Commit();
        var committed = Jobs.Say(job, result);
        result["y"][5000] ^= 1;
        using var reexecution = job.Reexecution();
        var verdict = await new ResultCheck(job.Document, job.Program, committed, default, reexecution, result, job).RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal((VerdictKind.Failed, "leaf 1 of 'y' is stored with other bytes than were committed to"), (verdict.Kind, verdict.Reason));
    }

    [Fact]
    public async Task A_list_of_leaves_that_does_not_fit_the_root_is_a_wrong_result()
    {
        var job = Jobs.Make("saxpy");
        var result = job.Run();
        foreach (var change in new Func<ImmutableArray<Digest>, ImmutableArray<Digest>>[] { its => its.SetItem(3, default), its => its.RemoveAt(0), its => its.Add(default), _ => [] })
        {
            var statement = Jobs.Say(job, result);
            result.Forge("y", change(MerkleTree.Leaves(result["y"])));
            using var reexecution = job.Reexecution();
            var verdict = await new ResultCheck(job.Document, job.Program, statement, default, reexecution, result, job).RunAsync(TestContext.Current.CancellationToken);
            Assert.Equal((VerdictKind.Failed, "the list of the leaves of 'y' is not what was committed to"), (verdict.Kind, verdict.Reason));
        }
    }

    [Fact]
    public async Task A_forged_total_of_additions_across_blocks_is_found_in_full()
    {
        var job = Jobs.Make("histogram");
        var result = job.Run();
        BitConverter.TryWriteBytes(result["bins"].AsSpan(40), BitConverter.ToInt32(result["bins"], 40) + 1);
        var verdict = await Jobs.CheckAsync(job, result);
        Assert.Equal((VerdictKind.Failed, 40L), (verdict.Kind, Assert.Single(verdict.Mismatches).Offset));
    }

    [Fact]
    public async Task A_result_for_other_inputs_is_found()
    {
        var job = Jobs.Make("saxpy", VerificationMode.Sample);
        var other = job.WithContent("x", Encoding.ASCII.GetBytes(new string('x', 40_000)));
        var verdict = await Jobs.CheckAsync(job, other.Run());
        Assert.Equal((VerdictKind.Failed, verdict.Sampled + verdict.Added), (verdict.Kind, verdict.MismatchCount));
    }

    private static int Find(MemoryResult result, Predicate<float> matches) =>
        4 * Enumerable.Range(0, 128).First(i => matches(BitConverter.ToSingle(result["out"], 4 * i)));
}
