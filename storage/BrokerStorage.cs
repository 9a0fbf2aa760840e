using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Broker.Storage;

/// <summary>A storage account, or the emulator: its tables, queues and blob containers by their names in the broker.</summary>
public sealed class BrokerStorage
{
    private readonly TableServiceClient _tables;
    private readonly BlobServiceClient _blobs;
    private readonly QueueServiceClient _queues;
    private readonly string _prefix;
    private readonly HttpPipelineTransport? _transport;

    /// <param name="connectionString">The account, with its key.</param>
    /// <param name="prefix">Goes before every name, so that several brokers can share an account: lower-case letters and digits.</param>
    public BrokerStorage(string connectionString, string prefix = "")
        : this(connectionString, prefix, null)
    {
    }

    /// <param name="connectionString">The account, with its key.</param>
    /// <param name="prefix">Goes before every name.</param>
    /// <param name="transport">What requests leave by: tests put trouble there.</param>
    internal BrokerStorage(string connectionString, string prefix, HttpPipelineTransport? transport)
    {
        _prefix = prefix;
        _transport = transport;
        _tables = new TableServiceClient(connectionString, Configure(new TableClientOptions(), "table"));
        _blobs = new BlobServiceClient(connectionString, Configure(new BlobClientOptions(), "blob"));
        _queues = new QueueServiceClient(
            connectionString, Configure(new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None }, "queue"));
    }

    /// <summary>A storage account by its clients: a simulation has its own.</summary>
    internal BrokerStorage(TableServiceClient tables, BlobServiceClient blobs, QueueServiceClient queues)
    {
        _prefix = "";
        _tables = tables;
        _blobs = blobs;
        _queues = queues;
    }

    public OperationMeter Meter { get; } = new();

    internal TableClient Jobs => _tables.GetTableClient(_prefix + "jobs");

    internal TableClient Pools => _tables.GetTableClient(_prefix + "pools");

    internal TableClient Accounts => _tables.GetTableClient(_prefix + "accounts");

    internal TableClient Workers => _tables.GetTableClient(_prefix + "workers");

    internal TableClient Directory => _tables.GetTableClient(_prefix + "directory");

    internal BlobContainerClient Content => _blobs.GetBlobContainerClient(_prefix + "content");

    internal BlobContainerClient Staging => _blobs.GetBlobContainerClient(_prefix + "staging");

    internal BlobContainerClient Logs => _blobs.GetBlobContainerClient(_prefix + "logs");

    internal BlobContainerClient Outputs => _blobs.GetBlobContainerClient(_prefix + "outputs");

    internal BlobContainerClient Leaves => _blobs.GetBlobContainerClient(_prefix + "leaves");

    internal BlobContainerClient Receipts => _blobs.GetBlobContainerClient(_prefix + "receipts");

    internal BlobContainerClient Roots => _blobs.GetBlobContainerClient(_prefix + "roots");

    internal QueueClient Queue(string name) => _queues.GetQueueClient(_prefix + name);

    /// <summary>Makes what is missing. Idempotent.</summary>
    /// <param name="queues">The queues of the function app; workers' queues are made when they register.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task CreateAsync(IEnumerable<string> queues, CancellationToken cancellation)
    {
        foreach (var table in (TableClient[])[Jobs, Pools, Accounts, Workers, Directory])
            await table.CreateIfNotExistsAsync(cancellation);
        foreach (var container in (BlobContainerClient[])[Content, Staging, Outputs, Leaves, Logs, Receipts, Roots])
            await container.CreateIfNotExistsAsync(cancellationToken: cancellation);
        foreach (var queue in queues)
            await Queue(queue).CreateIfNotExistsAsync(cancellationToken: cancellation);
    }

    /// <summary>Whether the account answers.</summary>
    /// <exception cref="Azure.RequestFailedException">It does not.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        using var uncounted = Meter.Uncounted();
        await Jobs.GetEntityIfExistsAsync<TableEntity>("none", "none", cancellationToken: cancellation);
    }

    private TOptions Configure<TOptions>(TOptions options, string service) where TOptions : ClientOptions
    {
        options.Retry.MaxRetries = 5;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(5);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(30);
        if (_transport is not null) options.Transport = _transport;
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        options.AddPolicy(new OperationPolicy(Meter, service), HttpPipelinePosition.PerRetry);
        return options;
    }
}
