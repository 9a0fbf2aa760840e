using System.Text.Json;
using Broker.Functions.Hosting;
using Broker.Storage;

namespace Broker.Functions.Tests;

/// <summary>Holds what is registered in code against what the Functions host reads.</summary>
public sealed class FunctionTableTests
{
    private static readonly FunctionTable Table = FunctionTable.Create(null!, null!, null!, TimeProvider.System);

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
            Assert.Contains(function.Queue, FunctionTable.QueueNamesToCreate);
            Assert.Contains(QueueNames.Poison(function.Queue), FunctionTable.QueueNamesToCreate);
        });
    }

    [Fact]
    public void Every_timer_function_has_a_function_json() =>
        Assert.All(Table.Timers, function => Assert.Equal("timerTrigger", Binding(function.Name).GetProperty("type").GetString()));

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

    private static JsonElement Binding(string function) => Read(Path.Combine(function, "function.json")).GetProperty("bindings")[0];

    private static JsonElement Read(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, file))).RootElement;
}
