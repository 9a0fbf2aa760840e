using Broker.Core;
using Broker.Core.Ids;

namespace Broker.Cli.Stack;

/// <summary>How a worker process is started; what is null is left to the worker.</summary>
public sealed record WorkerOptions
{
    /// <summary>The path of Broker.Worker.dll.</summary>
    public required string AssemblyPath { get; init; }

    /// <summary>The broker's URL.</summary>
    public required Uri Url { get; init; }

    /// <summary>Its provider's key.</summary>
    public required string Key { get; init; }

    public required string Name { get; init; }

    public required Money PricePerSecond { get; init; }

    public Money? StartPrice { get; init; }

    public int? Slots { get; init; }

    public long? SlotMemoryBytes { get; init; }

    public PoolName? Pool { get; init; }

    public int? Threads { get; init; }

    /// <summary>How it cheats: only Broker.CheatingWorker.dll takes that.</summary>
    public string? Cheat { get; init; }
}

/// <summary>How a verifier process is started.</summary>
/// <param name="AssemblyPath">The path of Broker.Worker.dll.</param>
/// <param name="Url">The broker's URL.</param>
/// <param name="Key">The key of the verifiers' account.</param>
/// <param name="Name">Its name.</param>
public sealed record VerifierOptions(string AssemblyPath, Uri Url, string Key, string Name);
