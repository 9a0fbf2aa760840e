using System.Net;
using System.Text;
using System.Text.Json;
using Broker.Core.Documents;

namespace Broker.Client.Tests;

/// <summary>Answers each request with the next line of its script, and remembers what was sent.</summary>
internal sealed class ScriptedHandler : HttpMessageHandler
{
    private readonly Queue<Func<HttpResponseMessage>> _script = [];

    public List<SentRequest> Sent { get; } = [];

    public ScriptedHandler Then(Func<HttpResponseMessage> answer)
    {
        _script.Enqueue(answer);
        return this;
    }

    public ScriptedHandler Then(HttpStatusCode status, string? body = null, string type = "application/json") =>
        Then(() => new HttpResponseMessage(status) { Content = new StringContent(body ?? "", Encoding.UTF8, type) });

    public ScriptedHandler ThenDocument<T>(T document, HttpStatusCode status = HttpStatusCode.OK) =>
        Then(status, JsonSerializer.Serialize(document, BrokerJson.Options));

    public ScriptedHandler ThenBytes(byte[] bytes, HttpStatusCode status = HttpStatusCode.OK) =>
        Then(() => new HttpResponseMessage(status) { Content = new ByteArrayContent(bytes) });

    public BrokerClient CreateClient(InstantClock? clock = null) =>
        new(new HttpClient(this) { BaseAddress = new Uri("http://broker.test/") }, "bk_someone_secret", clock ?? new InstantClock());

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        Sent.Add(new SentRequest(
            request.Method.Method, request.RequestUri!.PathAndQuery, request.Headers.Authorization?.ToString(),
            request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.Single() : null,
            request.Headers.Range?.ToString(), request.Content?.Headers.ContentLength, body,
            request.Headers.IfNoneMatch.FirstOrDefault()?.ToString()));
        var answer = _script.Dequeue()();
        answer.RequestMessage = request;
        return answer;
    }
}

/// <summary>Is what the handler saw of a request.</summary>
internal sealed record SentRequest(
    string Method, string Path, string? Authorization, string? IdempotencyKey, string? Range, long? ContentLength, byte[] Body, string? IfNoneMatch);
