using System.Collections.Immutable;
using System.Text;
using Broker.Core.Ids;
using Broker.Storage;
using Broker.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Simulation;

/// <summary>What is asked of the broker about content: each account's right to it is a row, and the bytes are one blob for all.</summary>
internal static class ContentErrands
{
    private const string Ticket = "submitter-ticket";
    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes("content");
    private static readonly ContentHash Hash = ContentHash.Of(Bytes);
    private static readonly AccountId One = Make.Submitter;
    private static readonly AccountId Other = Make.Provider;

    public static ImmutableArray<Func<StorageAccount, Errand>> All { get; } = [Uploaded, UploadedByTwo, Staged, Deleted, DeletedByOneOfTwo];

    private static Errand Uploaded(StorageAccount account) => new(
        "content is uploaded", services => PutAsync(services, One), services => CheckAsync(services, account, One));

    private static Errand UploadedByTwo(StorageAccount account) => new(
        "content is uploaded that another account has", services => PutAsync(services, Other), services => CheckAsync(services, account, One, Other))
    {
        Prepare = services => PutAsync(services, One),
    };

    private static Errand Staged(StorageAccount account) => new(
        "a staged upload becomes content",
        async services =>
        {
            var content = services.GetRequiredService<ContentStore>();
            if (await content.FindBytesAsync(One, Hash, CancellationToken.None) is not null) await content.DropStagedAsync(Ticket, CancellationToken.None);
            else if ((await content.TakeStagedAsync(One, Ticket, Hash, Make.Noon, CancellationToken.None)).Bytes is null) throw new SimulationException("it was not found");
        },
        async services => account.Blobs.Names("staging/").Any() ? "what was staged is still there" : await CheckAsync(services, account, One))
    {
        Prepare = _ => Task.FromResult(account.Blobs.Write($"staging/{Ticket}", Bytes, null, mustBeMissing: true)),
    };

    private static Errand Deleted(StorageAccount account) => new(
        "content is deleted", services => RemoveAsync(services, One), services => CheckAsync(services, account))
    {
        Prepare = services => PutAsync(services, One),
    };

    private static Errand DeletedByOneOfTwo(StorageAccount account) => new(
        "content is deleted that another account has", services => RemoveAsync(services, One), services => CheckAsync(services, account, Other))
    {
        Prepare = async services =>
        {
            await PutAsync(services, One);
            await PutAsync(services, Other);
        },
    };

    private static Task PutAsync(IServiceProvider services, AccountId account) =>
        services.GetRequiredService<ContentStore>().PutAsync(account, Hash, BinaryData.FromBytes(Bytes), CancellationToken.None);

    private static Task RemoveAsync(IServiceProvider services, AccountId account) =>
        services.GetRequiredService<ContentStore>().RemoveAsync(account, Hash, CancellationToken.None);

    /// <summary>Checks that these accounts may read the content and no other may, and that it is there for as long as one may.</summary>
    private static async Task<string?> CheckAsync(IServiceProvider services, StorageAccount account, params AccountId[] readers)
    {
        foreach (var reader in (AccountId[])[One, Other])
        {
            var bytes = await services.GetRequiredService<ContentStore>().FindBytesAsync(reader, Hash, CancellationToken.None);
            if (bytes != (readers.Contains(reader) ? Bytes.Length : null)) return $"{reader} may read {bytes} bytes";
        }

        var blob = account.Blobs.Find($"content/{Hash.Hex}");
        if (readers.Length == 0) return blob is null ? null : "nobody may read it, and it is still there";
        if (blob is null || !blob.Bytes.AsSpan().SequenceEqual(Bytes)) return "its bytes are not there";
        var owner = blob.Metadata.TryGetValue("account", out var alone) ? alone : null;
        return owner is null || readers.Length == 1 && owner == readers[0].ToString() ? null : "it would be deleted with one account's right, and another has it";
    }
}
