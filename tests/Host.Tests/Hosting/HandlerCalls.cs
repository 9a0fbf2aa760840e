using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Broker.Host.Tests.Hosting;

/// <summary>Calls a handler's trigger routes, byte for byte as the Functions host does.</summary>
/// <param name="http">Reaches the handler.</param>
/// <param name="initialized">The host waits for its handler's first start. It does not wait while it starts one again: such calls fail.</param>
internal sealed class HandlerCalls(HttpClient http, Task initialized)
{
    private readonly ConcurrentDictionary<string, int> _running = new();
    private int _begun;

    /// <summary>How many calls were begun, forwarded requests included.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>Answers that a real host would choke on.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>How many calls of a function the handler is at.</summary>
    public int Running(string function) => _running.GetValueOrDefault(function);

    /// <summary>Tells a function of a message.</summary>
    /// <returns>Whether the message is done with.</returns>
    public Task<bool> TryRunAsync(ScriptFunction function, string message, long dequeueCount, CancellationToken cancellation)
    {
        var metadata = new SortedDictionary<string, JsonNode?>(StringComparer.OrdinalIgnoreCase)
        {
            ["DequeueCount"] = dequeueCount.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Id"] = Guid.NewGuid().ToString(),
            ["QueueTrigger"] = message,
            ["sys"] = new JsonObject { ["MethodName"] = function.Name },
        };

        // What the message is made of overwrites what is known of it.
        if (FindObject(message) is { } members)
        {
            foreach (var (name, value) in members) metadata[name] = value?.DeepClone();
        }

        var data = new JsonObject { [function.Text("name")] = JsonSerializer.Serialize(message) };
        return TryPostAsync(function.Name, data, new JsonObject(metadata), cancellation);
    }

    /// <summary>Tells a function that its time has come.</summary>
    public Task<bool> TryRunAsync(ScriptFunction timer, CancellationToken cancellation)
    {
        var due = new JsonObject
        {
            ["Schedule"] = new JsonObject { ["AdjustForDST"] = true },
            ["ScheduleStatus"] = null,
            ["IsPastDue"] = false,
        };
        return TryPostAsync(timer.Name, new JsonObject { [timer.Text("name")] = due }, new JsonObject(), cancellation);
    }

    /// <summary>Sends a request for a function to its path, and gives what comes back.</summary>
    public async Task<HttpResponseMessage> ForwardAsync(string function, HttpRequestMessage request, CancellationToken cancellation)
    {
        await initialized.WaitAsync(cancellation);
        Interlocked.Increment(ref _begun);
        request.Headers.Add("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        _running.AddOrUpdate(function, 1, (_, running) => running + 1);
        try
        {
            return await http.SendAsync(request, cancellation);
        }
        finally
        {
            _running.AddOrUpdate(function, 0, (_, running) => running - 1);
        }
    }

    private async Task<bool> TryPostAsync(string function, JsonObject data, JsonObject metadata, CancellationToken cancellation)
    {
        var body = new JsonObject { ["Data"] = data, ["Metadata"] = metadata }.ToJsonString();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/" + function);
        request.Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(body)));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TransferEncodingChunked = true;
        try
        {
            using var answer = await ForwardAsync(function, request, cancellation);
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            if (!answer.IsSuccessStatusCode) return false;
            if (FindObject(text) is not null) return true;

            // An empty one hangs a real host until its timeout, and costs the handler its life then.
            Complaints.Enqueue($"{function}: {(int)answer.StatusCode} with '{text}'");
            return false;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static JsonObject? FindObject(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
