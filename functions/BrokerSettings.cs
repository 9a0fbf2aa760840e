namespace Broker.Functions;

/// <summary>What an operator can set, in the section <c>Broker</c>: <c>Broker__SweepSeconds=10</c> in the environment.</summary>
public sealed class BrokerSettings
{
    /// <summary>Goes before every table, queue and container name.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>The longest time between two heartbeats of a worker.</summary>
    public double HeartbeatSeconds { get; set; } = 10;

    /// <summary>A worker that is silent for so long has lost its attempts.</summary>
    public double LostAfterSeconds { get; set; } = 30;

    /// <summary>How often the self-hosted sweep runs. In Azure the schedule of its <c>function.json</c> says it.</summary>
    public double SweepSeconds { get; set; } = 10;

    /// <summary>An attempt that did not start for so long is sent to its worker again.</summary>
    public double ResendAfterSeconds { get; set; } = 20;

    /// <summary>An offer that its worker does not renew ends after this.</summary>
    public double OfferMinutes { get; set; } = 15;

    /// <summary>A committed result that no verifier has judged for so long is given to its submitter unverified.</summary>
    public double VerificationHours { get; set; } = 6;

    /// <summary>How many workers an account may register, each with a key of its own.</summary>
    public int WorkersPerAccount { get; set; } = 1000;
}
