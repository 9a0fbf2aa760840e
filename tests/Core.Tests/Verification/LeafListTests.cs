using Broker.Core.Verification;
using CsCheck;

namespace Broker.Core.Tests.Verification;

public class LeafListTests
{
    [Fact]
    public void However_bytes_are_cut_their_leaves_are_the_same() => Gen.Select(Gen.Int[0, 20_000], Gen.Int[0, 9000].Array[0, 30]).Sample((length, cuts) =>
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var (list, start) = (new LeafList(), 0);
        foreach (var cut in cuts)
        {
            var piece = Math.Min(cut, length - start);
            list.Add(bytes.AsSpan(start, piece));
            start += piece;
        }

        list.Add(bytes.AsSpan(start));
        Assert.Equal(MerkleTree.Leaves(bytes).AsEnumerable(), list.Finish().AsEnumerable());
    }, iter: 500);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 32)]
    [InlineData(4096, 32)]
    [InlineData(4097, 64)]
    public void A_list_is_stored_digest_after_digest(int length, int stored)
    {
        var leaves = MerkleTree.Leaves(new byte[length]);
        var bytes = LeafList.Store(leaves.AsSpan());
        Assert.Equal((stored, stored), (bytes.Length, (int)LeafList.StoredBytes(length)));
        Assert.Equal(leaves.SelectMany(leaf => leaf.ToBytes()), bytes);
        Assert.Equal(leaves.AsEnumerable(), LeafList.Load(bytes).AsEnumerable());
    }

    [Fact]
    public void A_list_that_is_cut_off_is_refused() => Assert.Throws<InvalidDataException>(() => LeafList.Load(new byte[33]));
}
