using System.Net;
using Broker.Client;

namespace Broker.Cli.Connection;

/// <summary>What a broker's refusal means for the command that met it.</summary>
internal static class BrokerTrouble
{
    public static ExitCode Code(BrokerException e) => e.Problem.Type switch
    {
        "urn:broker:problem:hash-mismatch" => ExitCode.Failed,
        _ => e.Status switch
        {
            HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge => ExitCode.BadInput,
            HttpStatusCode.Conflict => ExitCode.Failed,
            _ => ExitCode.Refused,
        },
    };

    /// <summary>What to do next, where the broker's own words do not say it.</summary>
    public static string? Remedy(BrokerException e) => e.Problem.Type switch
    {
        "urn:broker:problem:hash-mismatch" => "Run the command again.",
        "urn:broker:problem:unreachable" => "Is the broker running, and is --url right? `broker up` starts one on this machine.",
        _ => e.Status switch
        {
            HttpStatusCode.Unauthorized => "Check the key: `broker login --url URL --key KEY` stores another.",
            HttpStatusCode.Forbidden => "The key's account may not do this: `broker login --url URL --key KEY` stores another.",
            HttpStatusCode.NotFound => "`broker jobs` lists your jobs.",
            _ => null,
        },
    };
}
