using System.Collections.Immutable;

namespace Broker.Core.Documents;

/// <summary>A document, or everything that is wrong with it.</summary>
/// <typeparam name="T">The document's type.</typeparam>
/// <param name="Value">The document; null where there are errors.</param>
/// <param name="Errors">What is wrong, in the order in which they were met; empty where there is a document.</param>
public sealed record ReadResult<T>(T? Value, ImmutableArray<DocumentError> Errors) where T : class;
