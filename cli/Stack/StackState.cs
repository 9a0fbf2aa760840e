using System.Collections.Immutable;
using System.Diagnostics;
using Broker.Core.Api;

namespace Broker.Cli.Stack;

/// <summary>What a local stack must know of its earlier runs to find everything again.</summary>
/// <param name="StorageAccount">The emulator's account.</param>
/// <param name="StorageKey">The key of that account.</param>
internal sealed record StackState(string StorageAccount, string StorageKey)
{
    /// <summary>Shown by the function app at its very first start alone.</summary>
    public string? OperatorKey { get; init; }

    public AccountCreated? Submitter { get; init; }

    /// <summary>The workers' providers, by the name of the worker.</summary>
    public ImmutableDictionary<string, AccountCreated> Providers { get; init; } = ImmutableDictionary<string, AccountCreated>.Empty;

    /// <summary>The verifiers' account.</summary>
    public AccountCreated? Verifier { get; init; }

    /// <summary>The function app's port, so that a stored login goes on to work; 0 before the first run.</summary>
    public int Port { get; init; }

    /// <summary>The processes of the latest run that hold its data or its port.</summary>
    public ImmutableArray<StackProcess> Processes { get; init; } = [];
}

/// <summary>A process, told apart from a later one that was given the same number.</summary>
internal sealed record StackProcess(int Id, DateTimeOffset StartedAt)
{
    /// <summary>The system tells a start only to within its own clock's grain.</summary>
    private static readonly TimeSpan Grain = TimeSpan.FromSeconds(1);

    /// <summary>Null where it has ended.</summary>
    public static StackProcess? Find(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return new StackProcess(id, process.StartTime);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    public bool IsAlive() => Find(Id) is { } found && (found.StartedAt - StartedAt).Duration() <= Grain;
}
