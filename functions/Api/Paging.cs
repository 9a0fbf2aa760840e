using System.Buffers.Text;
using System.Text;

namespace Broker.Functions.Api;

/// <summary>Pages of lists: a size, and a token that only the broker reads.</summary>
internal static class Paging
{
    private const int Usual = 50;
    private const int Most = 200;

    public static bool TryRead(string? token, int? top, out string? after, out int most, out IResult? refusal)
    {
        after = null;
        refusal = null;
        most = top ?? Usual;
        if (most is < 1 or > Most)
        {
            refusal = Problems.InvalidParameter("top", $"must be from 1 to {Most}");
            return false;
        }

        if (token is null) return true;
        if (!Base64Url.IsValid(token))
        {
            refusal = Problems.InvalidParameter("token", "is not one that a page before this gave");
            return false;
        }

        after = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
        return true;
    }

    public static string? Write(string? after) => after is null ? null : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(after));
}
