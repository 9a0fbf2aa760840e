using System.Collections.Immutable;
using Broker.Core.Ids;

namespace Broker.Core.Api;

/// <summary>Whether the function app reaches its storage.</summary>
public sealed record Health(string Status, string Version, string Host, string Storage);

/// <summary>Storage operations since the program started. For operators.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Kinds">By kind, such as <c>table.transaction</c> and <c>queue.receive</c>.</param>
/// <param name="Jobs">By job; what several jobs share is divided among them.</param>
public sealed record StorageOperations(long Total, ImmutableDictionary<string, long> Kinds, ImmutableDictionary<JobId, double> Jobs);
