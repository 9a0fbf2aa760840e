using System.Security.Cryptography;

namespace Broker.Core.Tests.Verification;

/// <summary>The tree of RFC 6962, section 2.1, word for word, over leaves of any length.</summary>
internal static class NaiveTree
{
    public static byte[] Hash(IReadOnlyList<byte[]> leaves)
    {
        if (leaves.Count == 0) return SHA256.HashData([]);
        if (leaves.Count == 1) return SHA256.HashData([0, .. leaves[0]]);
        var k = Split(leaves.Count);
        return SHA256.HashData([1, .. Hash([.. leaves.Take(k)]), .. Hash([.. leaves.Skip(k)])]);
    }

    public static List<byte[]> Path(int m, IReadOnlyList<byte[]> leaves)
    {
        if (leaves.Count == 1) return [];
        var k = Split(leaves.Count);
        return m < k ? [.. Path(m, [.. leaves.Take(k)]), Hash([.. leaves.Skip(k)])] : [.. Path(m - k, [.. leaves.Skip(k)]), Hash([.. leaves.Take(k)])];
    }

    private static int Split(int count)
    {
        var k = 1;
        while (k * 2 < count) k *= 2;
        return k;
    }
}
