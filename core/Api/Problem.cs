using System.Collections.Immutable;
using Broker.Core.Documents;

namespace Broker.Core.Api;

/// <summary>An error as the API answers it: problem details of RFC 9457.</summary>
/// <param name="Type">Names the kind of problem: <c>urn:broker:problem:not-found</c>.</param>
/// <param name="Title">The kind in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">This case in words, with what to do.</param>
/// <param name="Errors">What is wrong with the document, where it is one.</param>
public sealed record Problem(
    string Type, string Title, int Status, string? Detail = null, ImmutableArray<DocumentError>? Errors = null);
