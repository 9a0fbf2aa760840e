using System.Text.Json;
using Broker.Functions.Api;
using Broker.Functions.Hosting;
using Broker.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Functions.Tests;

/// <summary>Holds what is registered in code against what the Functions host reads.</summary>
public sealed class FunctionTableTests
{
    private static readonly FunctionTable Table = FunctionTable.Create(null!, null!, null!, null!, TimeProvider.System);

    [Fact]
    public void Every_queue_function_has_a_function_json_that_names_its_queue()
    {
        Assert.NotEmpty(Table.Queues);
        Assert.All(Table.Queues, function =>
        {
            var binding = Binding(function.Name);
            Assert.Equal("queueTrigger", binding.GetProperty("type").GetString());
            Assert.Equal(function.Queue, binding.GetProperty("queueName").GetString());
            Assert.Equal(CustomHandler.QueueBinding, binding.GetProperty("name").GetString());
            Assert.Equal("AzureWebJobsStorage", binding.GetProperty("connection").GetString());
        });
    }

    [Fact]
    public void Each_queue_has_one_function_and_is_made_with_its_poison_queue()
    {
        var queues = Table.Queues.Select(function => function.Queue).ToList();
        Assert.Equal(queues.Distinct(), queues);
        Assert.Equal(queues.Concat(queues.Select(QueueNames.Poison)).Order(), FunctionTable.QueueNamesToCreate.Order());
    }

    [Fact]
    public void Every_timer_function_has_a_function_json_with_the_period_of_its_listener()
    {
        Assert.NotEmpty(Table.Timers);
        var sweep = TimeSpan.FromSeconds(new BrokerSettings().SweepSeconds);
        Assert.All(Table.Timers, function =>
        {
            var binding = Binding(function.Name);
            Assert.Equal("timerTrigger", binding.GetProperty("type").GetString());
            Assert.Equal(Schedule(function.Period ?? sweep), binding.GetProperty("schedule").GetString());
        });

        static string Schedule(TimeSpan period) => period < TimeSpan.FromMinutes(1) ? $"*/{period.TotalSeconds} * * * * *" : $"0 */{period.TotalMinutes} * * * *";
    }

    /// <summary>The host forwards a request as it came only to a function that has nothing but HTTP.</summary>
    [Fact]
    public void The_api_is_one_function_that_takes_every_method_and_path_of_the_routes()
    {
        var bindings = Bindings("Api");
        Assert.Equal(["httpTrigger", "http"], bindings.Select(binding => binding.GetProperty("type").GetString()));
        Assert.Equal("{*path}", bindings[0].GetProperty("route").GetString());

        // The broker's own keys decide: a key of the host's would be a second one.
        Assert.Equal("anonymous", bindings[0].GetProperty("authLevel").GetString());
        var routes = ApiRoutes().ToList();
        Assert.NotEmpty(routes);
        Assert.Equal(
            routes.SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods).Select(method => method.ToLowerInvariant()).Distinct().Order(),
            bindings[0].GetProperty("methods").EnumerateArray().Select(method => method.GetString()!).Order());
        var prefix = $"/{Read("host.json").GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString()}/";
        Assert.All(routes, route => Assert.StartsWith(prefix, route.RoutePattern.RawText, StringComparison.Ordinal));
    }

    [Fact]
    public void The_host_starts_this_program_and_forwards_requests_to_it()
    {
        var handler = Read("host.json").GetProperty("customHandler");
        Assert.Equal(typeof(FunctionTable).Assembly.GetName().Name, handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString());
        Assert.True(handler.GetProperty("enableForwardingHttpRequest").GetBoolean());
        Assert.Equal("Microsoft.Azure.Functions.ExtensionBundle", Read("host.json").GetProperty("extensionBundle").GetProperty("id").GetString());
    }

    [Fact]
    public void Every_function_json_belongs_to_a_function_of_the_table_or_to_the_api()
    {
        var folders = Directory.GetFiles(AppContext.BaseDirectory, "function.json", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!));
        Assert.Equal(Table.Queues.Select(f => f.Name).Concat(Table.Timers.Select(f => f.Name)).Append("Api").Order(), folders.Order());
    }

    [Fact]
    public void The_self_hosted_listener_does_as_host_json_says()
    {
        var queues = Read("host.json").GetProperty("extensions").GetProperty("queues");
        var settings = new QueueSettings();
        Assert.Equal(settings.BatchSize, queues.GetProperty("batchSize").GetInt32());
        Assert.Equal(settings.NewBatchThreshold, queues.GetProperty("newBatchThreshold").GetInt32());
        Assert.Equal(settings.MaxDequeueCount, queues.GetProperty("maxDequeueCount").GetInt32());
        Assert.Equal(settings.VisibilityTimeout.ToString(), queues.GetProperty("visibilityTimeout").GetString());
        Assert.Equal(settings.MaxPollingInterval.ToString(), queues.GetProperty("maxPollingInterval").GetString());
        Assert.Equal("none", queues.GetProperty("messageEncoding").GetString());
    }

    private static IEnumerable<RouteEndpoint> ApiRoutes()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(new BrokerStorage("UseDevelopmentStorage=true")).AddSingleton(new OperationMeter());
        builder.Services.AddStores().AddDecisions().AddRoutes();
        var app = builder.Build();
        Routes.Map(app);
        return ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<HttpMethodMetadata>() is not null);
    }

    /// <summary>The one binding of a function that only a queue or time starts: what it sends, it sends itself.</summary>
    private static JsonElement Binding(string function) => Assert.Single(Bindings(function));

    private static List<JsonElement> Bindings(string function) =>
        [.. Read(Path.Combine(function, "function.json")).GetProperty("bindings").EnumerateArray()];

    private static JsonElement Read(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, file))).RootElement;
}
