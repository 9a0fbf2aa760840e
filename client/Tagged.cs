namespace Broker.Client;

/// <summary>A document and the version of it that was read.</summary>
/// <param name="Value">The document.</param>
/// <param name="Tag">Its ETag; null where the broker gave none.</param>
public sealed record Tagged<T>(T Value, string? Tag);
