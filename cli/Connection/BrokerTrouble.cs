using System.Net;
using Broker.Client;

namespace Broker.Cli.Connection;

/// <summary>What a broker's refusal means for the command that met it.</summary>
internal static class BrokerTrouble
{
    public static ExitCode Code(BrokerException e) => e.Problem.Type switch
    {
        "urn:broker:problem:hash-mismatch" or BrokerException.RootMismatch => ExitCode.Failed,
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
        BrokerException.RootMismatch =>
            "Run the command again: a transfer may have damaged it. If it stays so, this is a dispute: what is stored is not what was judged. " +
            "Keep every file that you have, and `broker receipt JOB --out receipt.json`: the worker's signature and the broker's are in it.",
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
