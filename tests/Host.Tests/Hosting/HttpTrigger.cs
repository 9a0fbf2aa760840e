using System.Net;

namespace Broker.Host.Tests.Hosting;

/// <summary>Takes requests as the front of the Functions host does, and forwards them to the handler.</summary>
/// <param name="root">Names the route prefix and the methods.</param>
/// <param name="calls">Reaches the handler.</param>
internal sealed class HttpTrigger(ScriptRoot root, HandlerCalls calls)
{
    private readonly ScriptFunction _function = Assert.Single(root.Of("httpTrigger"));

    /// <summary>Forwards method, path and query, headers and body.</summary>
    /// <remarks>A handler that dies meanwhile, or is not there, is a failed function: 500, and nothing in it.</remarks>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        Assert.True(root.ForwardsHttp, "without forwarding the handler would get an invocation, not the request");
        var uri = request.RequestUri!;
        if (!Accepts(request.Method, uri.AbsolutePath)) return new HttpResponseMessage(HttpStatusCode.NotFound);

        // The host reads no body whose length it is not told.
        if (request.Content is { Headers.ContentLength: null }) return Failed();
        using var forwarded = new HttpRequestMessage(request.Method, uri.AbsolutePath + MergeRepeated(uri.Query));
        foreach (var (name, values) in request.Headers) forwarded.Headers.TryAddWithoutValidation(name, values);
        if (request.Content is not null)
        {
            forwarded.Content = new ByteArrayContent(await request.Content.ReadAsByteArrayAsync(cancellation));
            foreach (var (name, values) in request.Content.Headers) forwarded.Content.Headers.TryAddWithoutValidation(name, values);
        }

        try
        {
            return await calls.ForwardAsync(_function.Name, forwarded, cancellation);
        }
        catch (HttpRequestException)
        {
            return Failed();
        }
    }

    private bool Accepts(HttpMethod method, string path) =>
        path.StartsWith($"/{root.RoutePrefix}/", StringComparison.Ordinal)
        && _function.Trigger.GetProperty("methods").EnumerateArray().Any(allowed => method.Method.Equals(allowed.GetString(), StringComparison.OrdinalIgnoreCase));

    /// <summary>The host knows a key once: <c>x=1&amp;x=2</c> arrives as <c>x=1,2</c>.</summary>
    private static string MergeRepeated(string query)
    {
        var pairs = query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2));
        var merged = pairs.GroupBy(pair => pair[0]).Select(group => $"{group.Key}={string.Join(',', group.Select(pair => pair.ElementAtOrDefault(1)))}");
        return query.Length == 0 ? "" : "?" + string.Join('&', merged);
    }

    private static HttpResponseMessage Failed() => new(HttpStatusCode.InternalServerError) { Content = new ByteArrayContent([]) };
}
