namespace Broker.Storage;

/// <summary>Whether a guarded write was made, or met a row that had moved.</summary>
public enum WriteOutcome { Written, Conflict }

/// <summary>The version of a row, as its storage names it.</summary>
public readonly record struct RowVersion(string Tag);

/// <summary>A value as it was read, and the version to guard its next write with.</summary>
public sealed record Stored<T>(T Value, RowVersion Version);
