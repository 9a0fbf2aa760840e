using System.Net;
using System.Text.Json;
using Broker.Cli.Stack;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Host.Tests.Hosting;
using Broker.Host.Tests.Publishing;

namespace Broker.Host.Tests;

/// <summary>The published app whose storage is not there: not yet, or not for a while.</summary>
[Collection(nameof(PublishedAppTests))]
public sealed class LateStorageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broker-storage-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_starts_without_its_storage_says_so_and_works_once_the_storage_is_there()
    {
        PublishedApp.SkipUnlessItRunsHere();
        var storage = await Emulator.StartAsync(new EmulatorOptions { DataFolder = _folder }, Token);
        await storage.DisposeAsync();
        var root = ScriptRoot.Read(PublishedApp.Folder);
        await using var handler = new HandlerProcess(root, new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage.ConnectionString });
        await handler.Initialized;
        await Task.WhenAll(IsAskedToComeAgainAsync(handler, "/api/health"), IsAskedToComeAgainAsync(handler, "/api/accounts/me"));

        // The host sends the message of a call that fails again.
        var calls = new HandlerCalls(handler.Http, handler.Initialized);
        Assert.False(await calls.TryRunAsync(root.Functions.Single(function => function.Name == "MatchJobs"), """{"pool":"default"}""", 1, Token));

        // Longer than the storage's client is patient by itself.
        await handler.SaysAsync("The storage account is not ready");
        Assert.DoesNotContain(handler.Lines, line => line.StartsWith("operator key", StringComparison.Ordinal));

        await using (await Emulator.StartAsync(storage.Again, Token))
        {
            await handler.ReadyAsync();
            await IsHealthyAsync(handler);
            var front = new HttpTrigger(root, calls);
            using var submitter = await Clients.CreateAccountAsync(front.SendAsync, handler.OperatorKey, Role.Submitter, Token);
            await submitter.SubmitAsync(Jobs.Document, "one", Token);
            Assert.True(await calls.TryRunAsync(root.Functions.Single(function => function.Name == "MatchJobs"), """{"pool":"default"}""", 1, Token));
        }

        await IsAskedToComeAgainAsync(handler, "/api/health");
        await using var back = await Emulator.StartAsync(storage.Again, Token);
        await IsHealthyAsync(handler);
        Assert.Equal(1, handler.Starts);
        Assert.Empty(calls.Complaints);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task IsAskedToComeAgainAsync(HandlerProcess handler, string path)
    {
        using var answer = await handler.Http.GetAsync(new Uri(path, UriKind.Relative), Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("urn:broker:problem:unavailable", JsonSerializer.Deserialize<Problem>(text, BrokerJson.Options)!.Type);
        Assert.NotNull(answer.Headers.RetryAfter?.Delta);
    }

    private static async Task IsHealthyAsync(HandlerProcess handler)
    {
        var health = await handler.Http.GetStringAsync(new Uri("/api/health", UriKind.Relative), Token);
        Assert.Equal("ok", JsonSerializer.Deserialize<Health>(health, BrokerJson.Options)!.Status);
    }
}
