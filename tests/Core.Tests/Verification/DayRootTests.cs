using System.Buffers.Binary;
using System.Text;
using Broker.Core.Verification;
using Broker.Tests;

namespace Broker.Core.Tests.Verification;

public class DayRootTests
{
    private static readonly DateOnly Day = new(2026, 1, 31);
    private static readonly ChainEnd[] Ends = [.. Enumerable.Range(1, 7).Select(number => new ChainEnd(Feasible.JobId(number), number, Digest.Of([(byte)number])))];
    private static readonly DayRoot Honest = Sign(DayRoot.Of(Day, Ends, Make.PublicKey));

    /// <summary>Each is changed after it was signed.</summary>
    public static TheoryData<string, Func<DayRoot, DayRoot>, string> Edits => new()
    {
        { "version", root => root with { Version = 2 }, "version 2 is not known" },
        { "day", root => root with { Day = Day.AddDays(1) }, "it is the root of 2026-02-01" },
        { "key", root => root with { BrokerKey = "mine" }, "another key" },
        { "count", root => root with { Count = 6 }, "never signed" },
        { "root", root => root with { Root = default }, "never signed" },
        { "signature", root => root with { Signature = "" }, "never signed" },
        { "a job left out", root => root with { Jobs = root.Jobs.RemoveAt(3) }, "its list has 6 jobs, and 7 were signed" },
        { "a hash", root => root with { Jobs = root.Jobs.SetItem(3, root.Jobs[3] with { LastHash = default }) }, "another root than was signed" },
        { "a number of events", root => root with { Jobs = root.Jobs.SetItem(3, root.Jobs[3] with { Events = 99 }) }, "another root than was signed" },
        { "two jobs that changed places", root => root with { Jobs = [root.Jobs[1], root.Jobs[0], .. root.Jobs[2..]] }, "another root than was signed" },
        { "a job twice, signed", root => Signed(root, [.. root.Jobs, root.Jobs[^1]]), "not in the order" },
        { "another order, signed", root => Signed(root, [.. root.Jobs.Reverse()]), "not in the order" },
    };

    [Fact]
    public void The_order_in_which_jobs_are_read_does_not_matter()
    {
        foreach (var order in (ChainEnd[][])[[.. Ends.Reverse()], [.. Ends[3..], .. Ends[..3]]])
            Assert.Equal(Honest.Encode(), DayRoot.Of(Day, order, Make.PublicKey).Encode());
        Assert.Equal(Honest.Jobs.Select(end => end.Job.ToString()).Order(StringComparer.Ordinal), Honest.Jobs.Select(end => end.Job.ToString()));
    }

    [Fact]
    public void Whatever_is_changed_of_one_job_changes_the_root()
    {
        var one = Ends[4];
        ChainEnd[] changed = [one with { LastHash = Digest.Of([99]) }, one with { Events = 99 }, one with { Job = Feasible.JobId(99) }];
        var roots = changed.Select(other => DayRoot.Of(Day, [.. Ends[..4], other, .. Ends[5..]], Make.PublicKey).Root).Append(Honest.Root).ToList();
        Assert.Equal(roots.Distinct(), roots);
        Assert.NotEqual(Honest.Root, DayRoot.Of(Day, Ends[1..], Make.PublicKey).Root);
    }

    /// <summary>By the words of <c>docs/verification.md</c>, without the code that it describes.</summary>
    [Fact]
    public void A_leaf_is_what_the_page_says()
    {
        var end = Ends[0];
        byte[] leaf = [0, .. Field("broker-chain-end-1"u8), .. Field(Encoding.UTF8.GetBytes(end.Job.ToString())), .. Field(Number(end.Events)), .. Field(end.LastHash.ToBytes())];
        var root = DayRoot.Of(Day, [end], Make.PublicKey);
        Assert.Equal(Digest.Of(leaf), root.Root);
        byte[] signed =
        [
            .. Field("broker-day-root-1"u8), .. Field(Number(1)), .. Field("2026-01-31"u8), .. Field(Number(1)), .. Field(root.Root.ToBytes()), .. Field(Encoding.UTF8.GetBytes(Make.PublicKey)),
        ];
        Assert.Equal(signed, root.Encode());

        static byte[] Number(long value)
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
            return bytes;
        }

        static byte[] Field(ReadOnlySpan<byte> bytes)
        {
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            return [.. length, .. bytes];
        }
    }

    [Fact]
    public void The_place_of_each_job_can_be_proven()
    {
        for (var i = 0; i < Ends.Length; i++)
        {
            var end = Honest.Jobs[i];
            var leaf = DayRoot.RootOf([end]);
            Assert.True(MerkleTree.Leads(leaf, i, Honest.Count, Honest.FindPath(end.Job)!.Value.AsSpan(), Honest.Root));
        }

        Assert.Null(Honest.FindPath(Feasible.JobId(99)));
    }

    [Fact]
    public void A_day_on_which_nothing_ended_has_the_root_of_nothing()
    {
        var root = Sign(DayRoot.Of(Day, [], Make.PublicKey));
        Assert.Equal((0, Digest.Of([])), (root.Count, root.Root));
        Assert.Null(root.FindBreak(Day, Make.PublicKey));
    }

    [Theory]
    [MemberData(nameof(Edits))]
    public void What_was_changed_since_is_found(string what, Func<DayRoot, DayRoot> edit, string says)
    {
        Assert.Null(Honest.FindBreak(Day, Make.PublicKey));
        var broken = edit(Honest).FindBreak(Day, Make.PublicKey);
        Assert.True(broken?.Contains(says, StringComparison.Ordinal), $"{what}: {broken}");
    }

    private static DayRoot Signed(DayRoot root, ChainEnd[] jobs) => Sign(root with { Jobs = [.. jobs], Count = jobs.Length, Root = DayRoot.RootOf(jobs) });

    private static DayRoot Sign(DayRoot root) => root with { Signature = Make.Sign(root.Encode()) };
}
