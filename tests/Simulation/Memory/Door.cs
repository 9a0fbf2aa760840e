namespace Broker.Simulation.Memory;

/// <summary>What every storage operation of one process goes through: time, trouble and death wait there.</summary>
internal abstract class Door
{
    /// <summary>Lets an operation happen, now or later, once or twice, or never.</summary>
    /// <param name="operation">What it is, such as <c>pools transaction r: j: o:</c>.</param>
    /// <param name="effect">Does it, whole and at once.</param>
    public abstract Task<T> PassAsync<T>(StorageOperation operation, Func<T> effect);

    /// <summary>Makes a table, a queue or a container, unless it is there.</summary>
    public abstract Task CreateAsync(string what);
}

/// <summary>A storage operation.</summary>
/// <param name="Name">The table or queue, the verb, and the kinds of rows.</param>
/// <param name="Changes">Whether it leaves anything different.</param>
internal sealed record StorageOperation(string Name, bool Changes)
{
    public bool Sends => Name.EndsWith(" send", StringComparison.Ordinal);
}
