using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Broker.Cli.Stack;
using Broker.Functions.Hosting;
using Broker.Tests;

namespace Broker.Functions.Tests;

/// <summary>Calls the program as the Functions host does, over the wire.</summary>
public sealed class CustomHandlerTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Triggers_are_routes_and_every_answer_to_the_host_has_a_body()
    {
        var port = FindFreePort();
        await using var app = await FunctionApp.StartAsync(
            new FunctionAppOptions
            {
                AssemblyPath = Repository.Assembly("functions", "Broker.Functions"),
                ConnectionString = emulator.ConnectionString,
                Settings = new Dictionary<string, string>
                {
                    ["Broker__Prefix"] = EmulatorFixture.NextPrefix(),
                    [CustomHandler.PortVariable] = port.ToString(CultureInfo.InvariantCulture),
                },
            },
            Token);
        Assert.Equal(port, app.Url.Port);
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(app.Url.Host)));
        using var http = new HttpClient { BaseAddress = app.Url };

        Assert.Equal("{}", await http.GetStringAsync("/", Token));
        // The host serialises a JSON message once more, and lets its members overwrite the metadata.
        var round = JsonSerializer.Serialize("""{"pool":"default"}""");
        var (status, body) = await PostAsync(http, "/MatchJobs", new { Data = new { message = round }, Metadata = new { pool = "default", DequeueCount = "1" } });
        Assert.Equal((HttpStatusCode.OK, "{}"), (status, body));
        (status, body) = await PostAsync(http, "/Sweep", new { Data = new { timer = new { IsPastDue = false } }, Metadata = new { } });
        Assert.Equal((HttpStatusCode.OK, "{}"), (status, body));
        (status, _) = await PostAsync(http, "/HandleReport", new { Data = new { message = JsonSerializer.Serialize("no report") }, Metadata = new { } });
        Assert.True((int)status >= 500, $"a message that cannot be handled must fail for the host to retry it: {status}");
        Assert.Contains("functions", await http.GetStringAsync("/api/health", Token), StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(HttpClient http, string path, object invocation)
    {
        using var content = new StringContent(JsonSerializer.Serialize(invocation), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
