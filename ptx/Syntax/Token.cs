namespace Broker.Ptx.Syntax;

internal enum TokenKind { End, Identifier, Dotted, Integer, Single, Double, String, Punctuation }

/// <summary>Is one word of a PTX text.</summary>
/// <param name="Bits">The value of a number: an integer, or the bits of a floating-point number of its kind.</param>
internal readonly record struct Token(TokenKind Kind, string Text, ulong Bits, int Line, int Column)
{
    public bool Is(char punctuation) => Kind == TokenKind.Punctuation && Text[0] == punctuation;

    public bool IsDotted(string text) => Kind == TokenKind.Dotted && Text == text;

    public override string ToString() => Kind == TokenKind.End ? "the end of the text" : $"'{Text}'";
}
