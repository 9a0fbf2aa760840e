namespace Broker.Simulation;

/// <summary>What a simulation is made of.</summary>
/// <param name="Seed">Everything that chance decides follows from it.</param>
/// <param name="Jobs">How many jobs are submitted.</param>
public sealed record SimulationOptions(int Seed, int Jobs)
{
    public int Apps { get; init; } = 2;

    public int Workers { get; init; } = 6;

    public int Verifiers { get; init; } = 2;

    /// <summary>Whether processes die, storage fails, and messages are lost, late or doubled.</summary>
    public bool Faults { get; init; } = true;
}

/// <summary>What came of a simulation.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Jobs">How many jobs were submitted, all of which ended.</param>
/// <param name="Ends">How many ended in which state.</param>
/// <param name="Attempts">How many attempts were made.</param>
/// <param name="Operations">How many storage operations were made.</param>
/// <param name="Deaths">How many processes died.</param>
/// <param name="Hours">How much time passed in it.</param>
/// <param name="Trace">A digest of all that happened: equal seeds have equal ones.</param>
public sealed record SimulationResult(
    int Seed, int Jobs, IReadOnlyDictionary<string, int> Ends, long Attempts, long Operations, int Deaths, double Hours, string Trace);

/// <summary>Something happened in a simulation that must never happen.</summary>
public sealed class SimulationException : Exception
{
    public SimulationException(string message)
        : base(message)
    {
    }

    public SimulationException(string message, Exception cause)
        : base(message, cause)
    {
    }

    public SimulationException()
    {
    }
}
