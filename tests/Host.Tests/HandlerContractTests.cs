using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Azure.Storage.Queues;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Host.Tests.Hosting;
using Broker.Host.Tests.Publishing;
using Broker.Storage;
using Broker.Tests;

namespace Broker.Host.Tests;

/// <summary>The published app as the Functions host meets it: started with nothing but a port and a storage account, called over the wire.</summary>
[Collection(nameof(PublishedAppTests))]
public sealed class HandlerContractTests(EmulatorFixture emulator)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_needs_a_port_and_a_storage_account_and_listens_on_the_loopback_alone()
    {
        PublishedApp.SkipUnlessItRunsHere();
        var elsewhere = FindFreePort();
        await using var handler = Start(new Dictionary<string, string> { ["ASPNETCORE_URLS"] = $"http://0.0.0.0:{elsewhere}" });
        await handler.ReadyAsync();

        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, handler.Port)], listeners.Where(listener => listener.Port == handler.Port));
        Assert.DoesNotContain(listeners, listener => listener.Port == elsewhere);
        Assert.Equal("{}", await handler.Http.GetStringAsync("/", Token));
        var health = JsonSerializer.Deserialize<Health>(await handler.Http.GetStringAsync("/api/health", Token), BrokerJson.Options)!;
        Assert.Equal(("ok", "functions"), (health.Status, health.Host));
    }

    [Fact]
    public async Task It_leaves_queues_and_timers_to_the_host()
    {
        PublishedApp.SkipUnlessItRunsHere();
        await using var handler = Start(new Dictionary<string, string> { ["Broker__SweepSeconds"] = "0.1" }, out var prefix);
        await handler.ReadyAsync();
        var front = new HttpTrigger(ScriptRoot.Read(PublishedApp.Folder), new HandlerCalls(handler.Http, handler.Initialized));
        using var submitter = await Clients.CreateAccountAsync(front.SendAsync, handler.OperatorKey, Role.Submitter, Token);
        await submitter.SubmitAsync(Jobs.Document, "one", Token);

        // A sweep rings for every job that waits.
        await Task.Delay(TimeSpan.FromSeconds(3), Token);
        var rings = (await Queue(prefix + QueueNames.MatchRounds).PeekMessagesAsync(32, Token)).Value;
        Assert.Equal(0, Assert.Single(rings).DequeueCount);
    }

    [Fact]
    public async Task Every_trigger_takes_what_the_host_sends_and_answers_an_object()
    {
        PublishedApp.SkipUnlessItRunsHere();
        await using var handler = Start([]);
        await handler.ReadyAsync();
        var root = ScriptRoot.Read(PublishedApp.Folder);
        var calls = new HandlerCalls(handler.Http, handler.Initialized);
        var round = """{"pool":"default"}""";
        var report = $$$"""
            {"job":"{{{new string('0', 24)}}}","replica":0,"attempt":1,"from":"{{{new string('0', 16)}}}","report":{"run":"aaaaaaaa","outcome":"released"}}
            """;
        Assert.True(await calls.TryRunAsync(root.Functions.Single(function => function.Name == "MatchJobs"), round, 1, Token));
        Assert.True(await calls.TryRunAsync(root.Functions.Single(function => function.Name == "HandleReport"), report, 5, Token));
        foreach (var timer in root.Of("timerTrigger")) Assert.True(await calls.TryRunAsync(timer, Token));

        // What is no message of ours fails: the host repeats it, and puts it aside in the end.
        foreach (var function in root.Of("queueTrigger"))
        {
            foreach (var nonsense in (string[])["hello", "null", "{}", "[]", "", "\"", "{\"pool\":"])
                Assert.False(await calls.TryRunAsync(function, nonsense, 1, Token), $"{function.Name} took '{nonsense}'");
        }

        Assert.Empty(calls.Complaints);
    }

    [Fact]
    public async Task A_request_arrives_with_its_method_path_query_and_body()
    {
        PublishedApp.SkipUnlessItRunsHere();
        await using var handler = Start([], out var prefix);
        await handler.ReadyAsync();
        await using var host = new FunctionsHost(
            ScriptRoot.Read(PublishedApp.Folder), handler.Http, handler.Initialized, _ => emulator.ConnectionString, new HostOptions { Prefix = prefix });
        using var submitter = await Clients.CreateAccountAsync(host.SendAsync, handler.OperatorKey, Role.Submitter, Token);

        var content = await submitter.UploadContentAsync(Encoding.UTF8.GetBytes("bytes"), Token);
        Assert.True(await submitter.HasContentAsync(content.Hash, Token));
        for (var i = 0; i < 3; i++) await submitter.SubmitAsync(Jobs.Document, i.ToString(CultureInfo.InvariantCulture), Token);
        var first = await submitter.ListJobsAsync(new JobQuery { State = Core.Jobs.JobState.Queued, Limit = 2 }, Token);
        var rest = await submitter.ListJobsAsync(new JobQuery { State = Core.Jobs.JobState.Queued, Limit = 2, Continue = first.Next }, Token);
        Assert.Equal(3, first.Items.Concat(rest.Items).Select(job => job.Id).Distinct().Count());
        Assert.Empty((await submitter.ListJobsAsync(new JobQuery { State = Core.Jobs.JobState.Completed }, Token)).Items);

        using var chunked = new HttpRequestMessage(HttpMethod.Post, "http://host/api/jobs") { Content = JsonContent.Create(new { }) };
        Assert.Equal(HttpStatusCode.InternalServerError, (await host.SendAsync(chunked, Token)).StatusCode);
        using var patch = new HttpRequestMessage(HttpMethod.Patch, "http://host/api/jobs");
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(patch, Token)).StatusCode);
        Assert.Empty(host.Calls.Complaints);
    }

    private HandlerProcess Start(Dictionary<string, string> settings) => Start(settings, out _);

    private HandlerProcess Start(Dictionary<string, string> settings, out string prefix)
    {
        settings["AzureWebJobsStorage"] = emulator.ConnectionString;
        settings["Broker__Prefix"] = prefix = EmulatorFixture.NextPrefix();
        return new HandlerProcess(ScriptRoot.Read(PublishedApp.Folder), settings);
    }

    private QueueClient Queue(string name) => new(emulator.ConnectionString, name);

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
