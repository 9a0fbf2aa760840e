namespace Broker.Cli.Stack;

/// <summary>How a function app is started.</summary>
public sealed record FunctionAppOptions
{
    /// <summary>The path of Broker.Functions.dll.</summary>
    public required string AssemblyPath { get; init; }

    /// <summary>Its storage account.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Its port on the loopback; 0 for a free one. Clients find an app again that is started anew on the port of before.</summary>
    public int Port { get; init; }

    /// <summary>Environment variables, such as <c>Broker__LostAfterSeconds</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
