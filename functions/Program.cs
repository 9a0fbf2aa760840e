using System.Net;
using Broker.Functions;
using Broker.Functions.Api;
using Broker.Functions.Hosting;
using Broker.Storage;
using Microsoft.Extensions.Options;

var builder = WebApplication.CreateBuilder(args);
var hostedPort = CustomHandler.FindPort(builder.Configuration);
builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
// Standard output is for what other programs read.
builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = ContentRoutes.MostBytes;
    // The handler inherits the Functions host's environment, ASPNETCORE_URLS included: what is bound here outranks it.
    if (hostedPort is { } port) kestrel.Listen(IPAddress.Loopback, port);
});

var connection = builder.Configuration["AzureWebJobsStorage"];
if (string.IsNullOrEmpty(connection))
{
    await Console.Error.WriteLineAsync(
        "AzureWebJobsStorage is not set: give it the connection string of a storage account or of the emulator, or run 'broker up' for a local stack.");
    return 2;
}

var services = builder.Services;
services.Configure<BrokerSettings>(builder.Configuration.GetSection("Broker"));
services.AddSingleton(TimeProvider.System);
services.AddSingleton(provider => new BrokerStorage(connection, provider.GetRequiredService<IOptions<BrokerSettings>>().Value.Prefix));
services.AddSingleton(provider => provider.GetRequiredService<BrokerStorage>().Meter);
services.AddStores().AddDecisions().AddRoutes().AddFirstStart(Console.Out);
if (hostedPort is null) services.AddListeners();

await using var app = builder.Build();
var start = app.Services.GetRequiredService<FirstStart>();
StartGate.Use(app, start);
Routes.Map(app);
if (hostedPort is not null) CustomHandler.Map(app, app.Services.GetRequiredService<FunctionTable>(), app.Services.GetRequiredService<OperationMeter>());
app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"listening on {app.Urls.First()}"));
ParentWatch.Start(app.Lifetime);
await app.RunAsync();

// What is no trouble of the storage has ended the program, and must not look like an end that was wanted: the Functions host starts such a program no more.
if (start.ExecuteTask is { } starting) await starting;
return 0;
