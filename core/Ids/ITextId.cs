namespace Broker.Core.Ids;

/// <summary>An id that is a short text with a rule: it is checked once, where it enters, and trusted from then on.</summary>
/// <typeparam name="TSelf">The id's own type.</typeparam>
public interface ITextId<TSelf> where TSelf : struct, ITextId<TSelf>
{
    /// <summary>What a text must look like, for an error message: "a worker id is 16 hex digits".</summary>
    static abstract string Rule { get; }

    static abstract bool TryParse(string? text, out TSelf id);
}

/// <summary>What every text id can do.</summary>
internal static class TextId
{
    /// <exception cref="FormatException">The text breaks the rule.</exception>
    public static T Parse<T>(string? text) where T : struct, ITextId<T> =>
        T.TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not valid: {T.Rule}");
}
