namespace Broker.Core.Documents;

/// <summary>One thing that is wrong with a document, and where.</summary>
/// <param name="Path">The JSON path: <c>$.steps[0].grid[2]</c>.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
/// <param name="Supported">False where the document is right, but asks for what does not exist yet.</param>
public sealed record DocumentError(string Path, string Message, bool Supported = true)
{
    public override string ToString() => $"{Path}: {Message}";
}
