namespace Broker.Cli.Demo.References;

/// <summary>Whether an output agrees with an independent computation, and in one sentence how well.</summary>
public sealed record CheckOutcome(bool Passed, string Text)
{
    public static CheckOutcome WrongSize(int expectedBytes, int bytes) =>
        new(false, string.Create(null, $"{bytes:N0} bytes came back where {expectedBytes:N0} were due"));
}
