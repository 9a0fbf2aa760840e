using System.Collections.Immutable;
using Azure.Data.Tables;
using Broker.Core.Ids;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>A verifier, and when it was heard of last.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="KeyHash">The hash of its current key.</param>
/// <param name="At">When it was heard of last.</param>
public sealed record VerifierRecord(WorkerId Id, AccountId Account, string Name, string KeyHash, DateTimeOffset At);

/// <summary>The verifiers that the operator trusts.</summary>
public sealed class VerifierDirectory(BrokerStorage storage)
{
    private const string Partition = "verifiers";
    private const string Prefix = "verifier:";

    public async Task<VerifierRecord?> FindAsync(WorkerId verifier, CancellationToken cancellation)
    {
        var found = await storage.Directory.GetEntityIfExistsAsync<TableEntity>(Partition, Prefix + verifier, cancellationToken: cancellation);
        return found.HasValue ? found.Value!.Read<VerifierRecord>() : null;
    }

    /// <summary>Notes a verifier, or that it was heard of. The newest word counts, so nothing guards it.</summary>
    public Task PutAsync(VerifierRecord verifier, CancellationToken cancellation) => storage.Directory.UpsertEntityAsync(
        TableRows.Make(Partition, Prefix + verifier.Id, verifier), TableUpdateMode.Replace, cancellation);

    /// <summary>The verifiers that were heard of since a time.</summary>
    public async Task<ImmutableArray<VerifierRecord>> ReadAsync(DateTimeOffset since, CancellationToken cancellation)
    {
        var verifiers = ImmutableArray.CreateBuilder<VerifierRecord>();
        await foreach (var row in storage.Directory.QueryAsync<TableEntity>($"PartitionKey eq '{Partition}'", cancellationToken: cancellation))
        {
            var verifier = row.Read<VerifierRecord>();
            if (verifier.At >= since) verifiers.Add(verifier);
        }

        return verifiers.ToImmutable();
    }
}
