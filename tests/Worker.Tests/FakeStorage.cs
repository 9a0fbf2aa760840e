using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Web;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;

namespace Broker.Worker.Tests;

/// <summary>Answers as a storage account does, for one queue and for blobs.</summary>
internal sealed class FakeStorage : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly List<FakeMessage> _messages = [];
    private int _receipts;

    public static Uri QueueUrl { get; } = new("https://account.queue.core.windows.net/attempts-1?sig=s");

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>What a Put Blob on a blob that exists answers.</summary>
    public (HttpStatusCode Status, string Code) WhenThere { get; set; } = (HttpStatusCode.Conflict, "BlobAlreadyExists");

    /// <summary>No blob is taken or given whose name begins so.</summary>
    public string? Refuse { get; set; }

    public int Refusals { get; private set; }

    public int Reads { get; private set; }

    public int Renewals { get; private set; }

    public int MessageCount
    {
        get
        {
            lock (_lock) return _messages.Count;
        }
    }

    public static Uri BlobUrl(string name) => new($"https://account.blob.core.windows.net/{name}?sig=s");

    public void AddContent(byte[] bytes) => Blobs["content/" + ContentHash.Of(bytes).Hex] = bytes;

    public void Send(AttemptId attempt) =>
        Send(JsonSerializer.Serialize(new AttemptMessage(attempt.Job, attempt.Replica, attempt.Number), BrokerJson.Options));

    public void Send(AttemptId attempt, int check) =>
        Send(JsonSerializer.Serialize(new CheckMessage(attempt.Job, attempt.Replica, attempt.Number, check), BrokerJson.Options));

    public void Send(string body)
    {
        lock (_lock) _messages.Add(new FakeMessage(Guid.NewGuid().ToString(), body));
    }

    /// <summary>As if the time for which they were hidden had passed.</summary>
    public void ShowAll()
    {
        lock (_lock) _messages.ForEach(message => message.Receipt = null);
    }

    public void RemoveAllMessages()
    {
        lock (_lock) _messages.Clear();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var path = request.RequestUri!.AbsolutePath.TrimStart('/');
        var answer = request.RequestUri.Host.Contains(".queue.", StringComparison.Ordinal)
            ? Queue(request, path.Split('/'))
            : request.Method == HttpMethod.Put ? PutBlob(path, body) : GetBlob(path, request);
        answer.RequestMessage = request;
        return answer;
    }

    private HttpResponseMessage Queue(HttpRequestMessage request, string[] path)
    {
        lock (_lock)
        {
            if (request.Method == HttpMethod.Get) return Receive();
            var receipt = HttpUtility.ParseQueryString(request.RequestUri!.Query)["popreceipt"];
            var message = _messages.Find(message => message.Id == path[2] && message.Receipt == receipt);
            if (message is null) return Error(HttpStatusCode.NotFound, "MessageNotFound");
            if (request.Method == HttpMethod.Delete)
            {
                _messages.Remove(message);
                return new HttpResponseMessage(HttpStatusCode.NoContent);
            }

            Renewals++;
            message.Receipt = NextReceipt();
            var renewed = new HttpResponseMessage(HttpStatusCode.NoContent);
            renewed.Headers.Add("x-ms-popreceipt", message.Receipt);
            renewed.Headers.Add("x-ms-time-next-visible", Date());
            return renewed;
        }
    }

    private HttpResponseMessage Receive()
    {
        var found = _messages.FindAll(message => message.Receipt is null);
        found.ForEach(message => message.Receipt = NextReceipt());
        var list = string.Concat(found.Select(message =>
            $"<QueueMessage><MessageId>{message.Id}</MessageId><InsertionTime>{Date()}</InsertionTime><ExpirationTime>{Date()}</ExpirationTime>"
            + $"<PopReceipt>{message.Receipt}</PopReceipt><TimeNextVisible>{Date()}</TimeNextVisible><DequeueCount>1</DequeueCount>"
            + $"<MessageText>{WebUtility.HtmlEncode(message.Body)}</MessageText></QueueMessage>"));
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent($"<QueueMessagesList>{list}</QueueMessagesList>", Encoding.UTF8, "application/xml"),
        };
    }

    private HttpResponseMessage PutBlob(string name, byte[] body)
    {
        if (Refuse is { } start && name.StartsWith(start, StringComparison.Ordinal)) return Refused();
        if (!Blobs.TryAdd(name, body)) return Error(WhenThere.Status, WhenThere.Code);
        var created = new HttpResponseMessage(HttpStatusCode.Created) { Content = new ByteArrayContent([]) };
        created.Headers.TryAddWithoutValidation("ETag", "\"1\"");
        created.Content.Headers.LastModified = DateTimeOffset.UnixEpoch;
        return created;
    }

    private HttpResponseMessage GetBlob(string name, HttpRequestMessage request)
    {
        Reads++;
        if (Refuse is { } start && name.StartsWith(start, StringComparison.Ordinal)) return Refused();
        if (!Blobs.TryGetValue(name, out var bytes)) return Error(HttpStatusCode.NotFound, "BlobNotFound");
        var found = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(bytes) };
        var range = request.Headers.TryGetValues("x-ms-range", out var values) ? RangeHeaderValue.Parse(values.Single()) : request.Headers.Range;
        if (range?.Ranges.Single() is { From: { } from } asked)
        {
            if (from >= bytes.Length) return Error(HttpStatusCode.RequestedRangeNotSatisfiable, "InvalidRange");
            var last = Math.Min(asked.To ?? long.MaxValue, bytes.Length - 1);
            found = new HttpResponseMessage(HttpStatusCode.PartialContent) { Content = new ByteArrayContent(bytes[(int)from..(int)(last + 1)]) };
            found.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, last, bytes.Length);
        }

        found.Headers.TryAddWithoutValidation("ETag", "\"1\"");
        found.Headers.Add("x-ms-blob-type", "BlockBlob");
        found.Content.Headers.LastModified = DateTimeOffset.UnixEpoch;
        return found;
    }

    private HttpResponseMessage Refused()
    {
        Refusals++;
        return Error(HttpStatusCode.Forbidden, "AuthenticationFailed");
    }

    private static HttpResponseMessage Error(HttpStatusCode status, string code)
    {
        var answer = new HttpResponseMessage(status)
        {
            Content = new StringContent($"<Error><Code>{code}</Code><Message>{code}</Message></Error>", Encoding.UTF8, "application/xml"),
        };
        answer.Headers.Add("x-ms-error-code", code);
        return answer;
    }

    private string NextReceipt() => $"receipt{++_receipts}";

    private static string Date() => DateTimeOffset.UnixEpoch.ToString("R", CultureInfo.InvariantCulture);

    private sealed record FakeMessage(string Id, string Body)
    {
        /// <summary>Null while it can be seen.</summary>
        public string? Receipt { get; set; }
    }
}
