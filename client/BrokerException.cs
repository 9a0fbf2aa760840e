using System.Net;
using System.Text;
using Broker.Core.Api;

namespace Broker.Client;

/// <summary>Says why the broker did not do what it was asked to, in words for people.</summary>
public sealed class BrokerException : Exception
{
    /// <summary>The type of the problem that a downloaded output is not what the worker committed to.</summary>
    public const string RootMismatch = "urn:broker:problem:root-mismatch";

    internal BrokerException(Problem problem, Exception? inner = null)
        : base(Describe(problem), inner) => Problem = problem;

    /// <summary>The broker's own answer, or one in its form where no answer came: then its status is 0.</summary>
    public Problem Problem { get; }

    public HttpStatusCode Status => (HttpStatusCode)Problem.Status;

    /// <summary>Whether the same request may succeed later: nobody answered, or the broker was in trouble itself.</summary>
    public bool IsTrouble => Problem.Status is 0 or 408 or 429 or >= 500;

    /// <summary>Whether the broker itself said so, not somebody on the way to it.</summary>
    internal bool IsBrokersWord { get; init; }

    /// <summary>How long the answer asks to wait before the next try.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    private static string Describe(Problem problem)
    {
        var text = new StringBuilder(problem.Title);
        if (problem.Detail is { Length: > 0 } detail) text.Append(": ").Append(detail);
        foreach (var error in problem.Errors ?? []) text.AppendLine().Append("  ").Append(error);
        return text.ToString();
    }
}
