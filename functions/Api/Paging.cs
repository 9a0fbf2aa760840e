namespace Broker.Functions.Api;

/// <summary>How much of a list one answer holds.</summary>
internal static class Paging
{
    public const string Limit = "limit";

    public const string Continue = "continue";

    public const int Usual = 50;

    public const int Most = 200;

    /// <summary>Reads how many items a page may have.</summary>
    public static int Size(this QueryReader query) => query.Integer(Limit, Usual, 1, Most);
}
