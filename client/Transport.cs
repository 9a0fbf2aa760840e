using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;

namespace Broker.Client;

/// <summary>Sends one request at a time and turns every way to fail into a <see cref="BrokerException"/>.</summary>
/// <param name="http">Its base address is the broker's.</param>
/// <param name="key">Sent to the broker, and never to a storage URL; null for what needs none.</param>
/// <param name="clock">Measures the waits between tries.</param>
internal sealed class Transport(HttpClient http, string? key, TimeProvider clock)
{
    /// <summary>Azure's front end cuts a request at 230 s: nothing that takes longer is worth waiting for.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(240);

    private readonly Backoff _backoff = new(clock);

    /// <summary>Sends to a route of the broker and reads the document that it answers.</summary>
    public Task<T> SendAsync<T>(
        HttpMethod method, string path, CancellationToken cancellation, Func<HttpContent>? body = null, string? idempotencyKey = null) =>
        _backoff.RunAsync(
            async cancel =>
            {
                using var request = Authorized(method, path);
                request.Content = body?.Invoke();
                if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
                using var answer = await TryAsync(request, HttpCompletionOption.ResponseContentRead, cancel);
                return await ReadAsync<T>(answer, cancel);
            },
            cancellation);

    /// <summary>Reads a document, unless it is the one that is known.</summary>
    public Task<Tagged<T>> SendTaggedAsync<T>(string path, Tagged<T>? known, CancellationToken cancellation) =>
        _backoff.RunAsync(
            async cancel =>
            {
                using var request = Authorized(HttpMethod.Get, path);
                if (known?.Tag is { } tag) request.Headers.TryAddWithoutValidation("If-None-Match", tag);
                using var answer = await TryAsync(request, HttpCompletionOption.ResponseContentRead, cancel);
                if (answer.StatusCode == HttpStatusCode.NotModified && known is not null) return known;
                return new Tagged<T>(await ReadAsync<T>(answer, cancel), answer.Headers.ETag?.ToString());
            },
            cancellation);

    /// <summary>Sends to a route that answers with plain text.</summary>
    public Task<string> SendForTextAsync(string path, CancellationToken cancellation) =>
        _backoff.RunAsync(
            async cancel =>
            {
                using var request = Authorized(HttpMethod.Get, path);
                using var answer = await TryAsync(request, HttpCompletionOption.ResponseContentRead, cancel);
                if (!answer.IsSuccessStatusCode) throw await RefusedAsync(answer, cancel);
                return answer.Content.Headers.ContentType?.MediaType == "text/plain"
                    ? await answer.Content.ReadAsStringAsync(cancel)
                    : throw new BrokerException(ClientProblem.Unreadable(answer));
            },
            cancellation);

    /// <summary>Sends to a route whose answer has no document.</summary>
    public Task<HttpStatusCode> SendAsync(
        HttpMethod method, string path, CancellationToken cancellation, Func<HttpContent>? body = null) =>
        _backoff.RunAsync(
            async cancel =>
            {
                using var request = Authorized(method, path);
                request.Content = body?.Invoke();
                using var answer = await TryAsync(request, HttpCompletionOption.ResponseContentRead, cancel);
                return answer.IsSuccessStatusCode ? answer.StatusCode : throw await RefusedAsync(answer, cancel);
            },
            cancellation);

    /// <summary>Sends to a storage URL, which carries its own permission.</summary>
    public Task<T> SendToStorageAsync<T>(
        Func<HttpRequestMessage> make, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellation) =>
        _backoff.RunAsync(
            async cancel =>
            {
                using var request = make();
                using var answer = await TryAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
                if (!answer.IsSuccessStatusCode) throw new BrokerException(ClientProblem.StorageRefused(answer));
                return await GuardAsync(request, token => read(answer, token), cancel);
            },
            cancellation);

    /// <summary>A document as a body whose length is known: the Functions host forwards no chunked one.</summary>
    public static Func<HttpContent> Json<T>(T document) => JsonText(JsonSerializer.SerializeToUtf8Bytes(document, BrokerJson.Options));

    public static Func<HttpContent> JsonText(ReadOnlyMemory<byte> document) => () =>
        new ReadOnlyMemoryContent(document) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private HttpRequestMessage Authorized(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return request;
    }

    private Task<HttpResponseMessage> TryAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellation) =>
        GuardAsync(request, token => http.SendAsync(request, completion, token), cancellation);

    private async Task<T> GuardAsync<T>(HttpRequestMessage request, Func<CancellationToken, Task<T>> act, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(Timeout);
        try
        {
            return await act(limited.Token);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            var url = request.RequestUri is { IsAbsoluteUri: true } absolute ? absolute : http.BaseAddress!;
            throw new BrokerException(ClientProblem.Unreachable(url, e), e);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (!answer.IsSuccessStatusCode) throw await RefusedAsync(answer, cancellation);
        return await FindDocumentAsync<T>(answer, cancellation) ?? throw new BrokerException(ClientProblem.Unreadable(answer));
    }

    private static async Task<BrokerException> RefusedAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var said = await FindDocumentAsync<Problem>(answer, cancellation);
        return new BrokerException(said ?? ClientProblem.Unreadable(answer)) { IsBrokersWord = said is not null, RetryAfter = answer.Headers.RetryAfter?.Delta };
    }

    /// <summary>Null where something else than the broker answered: a proxy's page, another program on the port.</summary>
    private static async Task<T?> FindDocumentAsync<T>(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(await answer.Content.ReadAsByteArrayAsync(cancellation), BrokerJson.Lenient);
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
