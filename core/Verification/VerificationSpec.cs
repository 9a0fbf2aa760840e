namespace Broker.Core.Verification;

/// <summary>How a result is verified.</summary>
public enum VerificationMode
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Blocks drawn at random are executed again.</summary>
    Sample,

    /// <summary>All of it is executed again.</summary>
    Full,
}

/// <summary>What a job asks of its verification.</summary>
public sealed record VerificationSpec
{
    public const int Million = 1_000_000;

    public VerificationMode Mode { get; init; }

    /// <summary>The fraction of wrong blocks that a sample must find, in millionths.</summary>
    public int FractionMillionths { get; init; } = 10_000;

    /// <summary>How surely it must find it, in millionths.</summary>
    public int ConfidenceMillionths { get; init; } = 950_000;

    /// <summary>What the verification may take of a core.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromMinutes(10);
}
