using Broker.Core;

namespace Broker.Cli.Stack;

/// <summary>What a local stack is made of.</summary>
public sealed record LocalBrokerOptions
{
    /// <summary>The path of Broker.Functions.dll.</summary>
    public required string FunctionsAssembly { get; init; }

    /// <summary>The path of Broker.Worker.dll.</summary>
    public required string WorkerAssembly { get; init; }

    /// <summary>The path of Broker.CheatingWorker.dll, for workers that cheat.</summary>
    public string? CheatingWorkerAssembly { get; init; }

    public required IReadOnlyList<LocalWorker> Workers { get; init; }

    /// <summary>How many verifiers; without one no result is ever judged.</summary>
    public int Verifiers { get; init; } = 1;

    /// <summary>Where the stack keeps its state, and finds that of an earlier run; null for memory only.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Environment variables of the function app.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Is told what is being started.</summary>
    public Action<string>? Log { get; init; }
}

/// <summary>A worker of a local stack, which gets a provider account of its own.</summary>
public sealed record LocalWorker(string Name, Money PricePerSecond)
{
    /// <summary>How it cheats, as <c>zeros:0.05</c>; null for an honest one.</summary>
    public string? Cheat { get; init; }
}
