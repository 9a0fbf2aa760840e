namespace Broker.Simulation;

/// <summary>Something that a client asks for until it is answered, and what must be so from then on.</summary>
/// <param name="Name">What happens.</param>
/// <param name="Ask">Asks once.</param>
/// <param name="Check">Says what is not as it must be; null where all is.</param>
internal sealed record Errand(string Name, Func<IServiceProvider, Task> Ask, Func<IServiceProvider, Task<string?>> Check)
{
    /// <summary>Makes what is there before. Nothing goes wrong with it.</summary>
    public Func<IServiceProvider, Task> Prepare { get; init; } = _ => Task.CompletedTask;
}
