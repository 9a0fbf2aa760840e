using Azure.Storage.Sas;
using Broker.Core.Ids;

namespace Broker.Storage;

/// <summary>Where the runs of an attempt store their results.</summary>
/// <remarks>The function app signs URLs and reads no result itself. A part is created once: its URL cannot overwrite.</remarks>
public sealed class OutputStore(BrokerStorage storage)
{
    public Uri CreateUrl(AttemptId attempt, string run, string buffer, int part, DateTimeOffset until) =>
        BlobUrls.Sign(storage.Outputs.GetBlobClient(Name(attempt, run, buffer, part)), BlobSasPermissions.Create, until);

    public Uri ReadUrl(AttemptId attempt, string run, string buffer, int part, DateTimeOffset until) =>
        BlobUrls.Sign(storage.Outputs.GetBlobClient(Name(attempt, run, buffer, part)), BlobSasPermissions.Read, until);

    /// <summary>Deletes what every run of a job stored.</summary>
    public Task DeleteAsync(JobId job, CancellationToken cancellation) => storage.Outputs.DeleteAsync($"{job}/", cancellation);

    private static string Name(AttemptId attempt, string run, string buffer, int part) =>
        $"{attempt.Job}/{attempt.Replica}-{attempt.Number}/{run}/{buffer}/{part:D4}";
}
