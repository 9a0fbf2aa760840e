using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Broker.EndToEnd.Tests;

/// <summary>A way to the storage emulator on which things go wrong: three ports that forward each request as it is, or do not.</summary>
/// <remarks>The emulator has its account in the path, and what is signed is the path and not the host: so signatures and links are good on both ways.</remarks>
internal sealed class StorageDetour(Trouble trouble) : IAsyncDisposable
{
    private static readonly string[] HopByHop = ["Connection", "Keep-Alive", "Transfer-Encoding", "Host", "Expect"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly List<WebApplication> _ports = [];

    /// <param name="connectionString">The direct way.</param>
    /// <returns>The connection string of this one.</returns>
    public async Task<string> OpenAsync(string connectionString)
    {
        var detour = connectionString;
        foreach (var part in connectionString.Split(';').Where(part => part.Contains("Endpoint=", StringComparison.Ordinal)))
        {
            var direct = new Uri(part[(part.IndexOf('=') + 1)..]).GetLeftPart(UriPartial.Authority);
            detour = detour.Replace(direct, await OpenPortAsync(direct), StringComparison.Ordinal);
        }

        return detour;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var port in _ports) await port.DisposeAsync();
        _http.Dispose();
    }

    private async Task<string> OpenPortAsync(string direct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var port = builder.Build();
        port.Run(http => PassAsync(http, direct));
        await port.StartAsync();
        _ports.Add(port);
        return port.Urls.Single();
    }

    private async Task PassAsync(HttpContext http, string direct)
    {
        if (trouble.Refuse() is { } status)
        {
            http.Response.StatusCode = status;
            return;
        }

        using var request = await CopyAsync(http, direct);
        using var answer = await _http.SendAsync(request, http.RequestAborted);
        var body = await answer.Content.ReadAsByteArrayAsync(http.RequestAborted);
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head && trouble.Lose())
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => !HopByHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
            http.Response.Headers[name] = new StringValues([.. values]);
        if (body.Length > 0) await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static async Task<HttpRequestMessage> CopyAsync(HttpContext http, string direct)
    {
        // As it stands on the wire: what is signed must not be written in another way.
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var uri = new Uri(direct + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(HttpMethod.Parse(http.Request.Method), uri);
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        if (http.Request.Headers.ContentLength is not null || body.Length > 0) request.Content = new ByteArrayContent(body.ToArray());
        foreach (var (name, values) in http.Request.Headers.Where(header => !HopByHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, [.. values])) request.Content?.Headers.TryAddWithoutValidation(name, [.. values]);
        }

        return request;
    }
}
