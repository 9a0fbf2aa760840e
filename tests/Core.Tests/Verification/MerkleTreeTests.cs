using Broker.Core.Verification;
using CsCheck;

namespace Broker.Core.Tests.Verification;

public class MerkleTreeTests
{
    /// <summary>The leaves of the test vectors of certificate transparency, and the roots over the first 1 to 8 of them.</summary>
    private static readonly string[] KnownLeaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] KnownRoots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    public static TheoryData<int> Lengths => [0, 1, 2, 3, 7, 8, 9, 4095, 4096, 4097, 8191, 8192, 8193, 3 * 4096, (7 * 4096) + 1, 8 * 4096, (9 * 4096) - 1, (16 * 4096) + 5];

    [Fact]
    public void Roots_of_known_leaves_are_those_of_certificate_transparency()
    {
        Digest[] leaves = [.. KnownLeaves.Select(leaf => MerkleTree.Leaf(Convert.FromHexString(leaf)))];
        Assert.Equal(KnownRoots, Enumerable.Range(1, 8).Select(count => MerkleTree.Root(leaves.AsSpan(0, count)).ToString()));
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", MerkleTree.Root([]).ToString());
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_root_over_bytes_is_the_rfcs_over_leaves_of_4_kib(int length)
    {
        var bytes = Bytes(length);
        var chunks = bytes.Chunk(4096).ToList();
        var leaves = MerkleTree.Leaves(bytes);
        Assert.Equal((chunks.Count, chunks.Count), (leaves.Length, (int)MerkleTree.Count(length)));
        Assert.Equal(chunks.Select(chunk => chunk.Length), Enumerable.Range(0, chunks.Count).Select(leaf => MerkleTree.Length(length, leaf)));
        Assert.Equal(NaiveTree.Hash(chunks), MerkleTree.Root(leaves.AsSpan()).ToBytes());
        for (var leaf = 0; leaf < chunks.Count; leaf++) Assert.Equal(NaiveTree.Path(leaf, chunks), MerkleTree.Path(leaves.AsSpan(), leaf).Select(digest => digest.ToBytes()));
    }

    [Fact]
    public void A_path_leads_to_the_root_from_its_own_leaf_alone() => Gen.Select(Gen.Int[1, 70], Gen.Int[0, 69], Gen.Int[0, 69], Gen.Int[0, 6]).Sample((count, at, other, step) =>
    {
        var (leaves, index) = (Leaves(count), at % count);
        var (root, path) = (MerkleTree.Root(leaves), MerkleTree.Path(leaves, index));
        Assert.True(MerkleTree.Leads(leaves[index], index, count, path.AsSpan(), root));
        Assert.False(MerkleTree.Leads(default, index, count, path.AsSpan(), root));
        Assert.False(MerkleTree.Leads(leaves[index], index, count, path.AsSpan(), default));
        if (other % count != index) Assert.False(MerkleTree.Leads(leaves[index], other % count, count, path.AsSpan(), root));
        Assert.False(MerkleTree.Leads(leaves[index], index + count, count, path.AsSpan(), root));
        Assert.False(MerkleTree.Leads(leaves[index], -1, count, path.AsSpan(), root));
        Assert.False(MerkleTree.Leads(leaves[index], index, count, path.Add(default).AsSpan(), root));
        if (path.IsEmpty) return;
        Assert.False(MerkleTree.Leads(leaves[index], index, count, path.SetItem(step % path.Length, default).AsSpan(), root));
        Assert.False(MerkleTree.Leads(leaves[index], index, count, path.RemoveAt(step % path.Length).AsSpan(), root));
    });

    [Fact]
    public void Nothing_leads_anywhere_in_a_tree_without_leaves() => Assert.False(MerkleTree.Leads(default, 0, 0, [], MerkleTree.Root([])));

    [Fact]
    public void An_inner_node_is_no_leaf()
    {
        var leaves = Leaves(2);
        byte[] node = [.. leaves[0].ToBytes(), .. leaves[1].ToBytes()];
        Assert.NotEqual(MerkleTree.Root(leaves), MerkleTree.Leaf(node));
    }

    [Fact]
    public void A_leaf_has_no_more_than_its_bytes_and_an_index_lies_in_the_tree()
    {
        Assert.Throws<ArgumentException>(() => MerkleTree.Leaf(new byte[4097]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.Path(Leaves(3), 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.Path(Leaves(3), -1));
    }

    private static Digest[] Leaves(int count) => [.. Enumerable.Range(0, count).Select(index => MerkleTree.Leaf([(byte)index]))];

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
