using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;

namespace Broker.Cli.Tests.Commands;

/// <summary>A request as the fake broker got it.</summary>
internal sealed record ReceivedRequest(string Route, string? Authorization, byte[] Body);

/// <summary>Answers over HTTP what a test has told it to, and 404 to everything else.</summary>
internal sealed class FakeBroker : IAsyncDisposable
{
    public const string Key = "bk_alice_secret";

    private readonly HttpListener _listener;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(HttpStatusCode Status, byte[] Body, string Type)>> _answers = new();
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();
    private readonly Task _serving;

    public FakeBroker()
    {
        (_listener, Url) = Listen();
        _serving = ServeAsync();
    }

    public Uri Url { get; }

    public IReadOnlyList<ReceivedRequest> Received => [.. _received];

    /// <summary>The next answer to <c>GET /api/jobs?limit=20</c> and the like; the last one stays.</summary>
    public FakeBroker Answer<T>(string route, T document, HttpStatusCode status = HttpStatusCode.OK) =>
        AnswerBytes(route, JsonSerializer.SerializeToUtf8Bytes(document, BrokerJson.Options), status);

    public FakeBroker AnswerText(string route, string body) => AnswerBytes(route, Encoding.UTF8.GetBytes(body), type: "text/plain; charset=utf-8");

    public FakeBroker AnswerBytes(string route, byte[] body, HttpStatusCode status = HttpStatusCode.OK, string type = "application/json")
    {
        _answers.GetOrAdd(route, _ => new()).Enqueue((status, body, type));
        return this;
    }

    public FakeBroker Refuse(string route, HttpStatusCode status, string type, string detail, params DocumentError[] errors) =>
        Answer(route, new Problem($"urn:broker:problem:{type}", "The broker says no", (int)status, detail, errors.Length > 0 ? [.. errors] : null), status);

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private static (HttpListener Listener, Uri Url) Listen()
    {
        // A port that was free a moment ago may be taken by now.
        for (var tries = 0; ; tries++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var url = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
            probe.Stop();
            var listener = new HttpListener { Prefixes = { url.AbsoluteUri } };
            try
            {
                listener.Start();
                return (listener, url);
            }
            catch (HttpListenerException) when (tries < 5)
            {
                listener.Close();
            }
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // The listener was closed: the test is over.
            }

            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var route = $"{context.Request.HttpMethod} {context.Request.RawUrl}";
        _received.Enqueue(new ReceivedRequest(route, context.Request.Headers["Authorization"], body.ToArray()));

        var (status, answer, type) = Next(route);
        context.Response.ContentType = type;
        context.Response.StatusCode = (int)status;
        context.Response.ContentLength64 = answer.Length;
        await context.Response.OutputStream.WriteAsync(answer);
        context.Response.Close();
    }

    private (HttpStatusCode Status, byte[] Body, string Type) Next(string route)
    {
        if (_answers.TryGetValue(route, out var answers) && answers.TryPeek(out var answer))
        {
            if (answers.Count > 1) answers.TryDequeue(out answer);
            return answer;
        }

        var problem = new Problem("urn:broker:problem:not-found", "Not found", 404, $"nothing answers {route}");
        return (HttpStatusCode.NotFound, JsonSerializer.SerializeToUtf8Bytes(problem, BrokerJson.Options), "application/problem+json");
    }
}
