using System.Security.Cryptography;
using Azure;
using Azure.Data.Tables;
using Broker.Storage.Rows;

namespace Broker.Storage;

/// <summary>The broker's own key pair, which signs its receipts: made once, and then the same in every instance.</summary>
/// <remarks>Who can read the storage account can sign as the broker, and change what it recorded as well: the account is the broker.</remarks>
public sealed class BrokerKeyStore(BrokerStorage storage) : IDisposable
{
    private const string Partition = "keys";
    private const string Row = "receipts";

    private readonly SemaphoreSlim _reading = new(1);
    private ECDsa? _key;

    /// <summary>The public half: a SubjectPublicKeyInfo in base64.</summary>
    public async Task<string> ReadPublicKeyAsync(CancellationToken cancellation) =>
        Convert.ToBase64String((await ReadAsync(cancellation)).ExportSubjectPublicKeyInfo());

    /// <summary>Signs bytes as <see cref="Core.Verification.Signatures"/> checks them.</summary>
    public async Task<string> SignAsync(byte[] bytes, CancellationToken cancellation)
    {
        var key = await ReadAsync(cancellation);
        return Convert.ToBase64String(key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    public void Dispose()
    {
        _key?.Dispose();
        _reading.Dispose();
    }

    private async Task<ECDsa> ReadAsync(CancellationToken cancellation)
    {
        if (_key is { } known) return known;
        await _reading.WaitAsync(cancellation);
        try
        {
            if (_key is { } read) return read;
            var stored = await FindAsync(cancellation);
            if (stored is null)
            {
                await CreateAsync(cancellation);
                stored = await FindAsync(cancellation) ?? throw new InvalidDataException("the broker's key was made and is not there");
            }

            var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(Convert.FromBase64String(stored.Pkcs8), out _);
            return _key = key;
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<StoredKey?> FindAsync(CancellationToken cancellation)
    {
        var found = await storage.Directory.GetEntityIfExistsAsync<TableEntity>(Partition, Row, cancellationToken: cancellation);
        return found.HasValue ? found.Value!.Read<StoredKey>() : null;
    }

    private async Task CreateAsync(CancellationToken cancellation)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            await storage.Directory.AddEntityAsync(
                TableRows.Make(Partition, Row, new StoredKey(Convert.ToBase64String(key.ExportPkcs8PrivateKey()))), cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Another instance was faster: its key is the broker's.
        }
    }

    private sealed record StoredKey(string Pkcs8);
}
