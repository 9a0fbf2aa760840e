namespace Broker.Ptx;

/// <summary>Is a program in the one form that workers receive, with the hash that is its identity.</summary>
/// <param name="Sha256">The SHA-256 of the text's UTF-8 bytes, in lower-case hexadecimal.</param>
public sealed record CanonicalProgram(string Text, string Sha256);
