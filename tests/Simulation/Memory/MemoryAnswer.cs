using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;

namespace Broker.Simulation.Memory;

/// <summary>A storage answer without a body.</summary>
internal sealed class MemoryAnswer(int status, string? etag = null) : Response
{
    public override int Status => status;

    public override string ReasonPhrase => "";

    public override Stream? ContentStream { get; set; }

    public override string ClientRequestId { get; set; } = "";

    public override void Dispose()
    {
    }

    protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => etag is null ? [] : [new HttpHeader("ETag", etag)];

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = name.Equals("ETag", StringComparison.OrdinalIgnoreCase) ? etag : null;
        return value is not null;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = TryGetHeader(name, out var value) ? [value] : null;
        return values is not null;
    }
}

/// <summary>An answer that may hold nothing.</summary>
internal sealed class MemoryFinding<T>(T? value) : NullableResponse<T> where T : class
{
    public override bool HasValue => value is not null;

    public override T Value => value ?? throw new InvalidOperationException("nothing was found");

    public override Response GetRawResponse() => new MemoryAnswer(value is null ? 404 : 200);
}
