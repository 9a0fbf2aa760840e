using Broker.Cli.Output;
using Broker.Client;

namespace Broker.Cli.Submit;

/// <summary>Uploads a job's content, but for what the account has uploaded before.</summary>
internal sealed class Uploads(BrokerClient client, Terminal terminal)
{
    public async Task RunAsync(IEnumerable<LocalContent> contents, CancellationToken cancellation)
    {
        foreach (var content in contents.DistinctBy(content => content.Hash))
        {
            var what = $"{content.Name} ({Words.Bytes(content.Bytes)})";
            if (await client.HasContentAsync(content.Hash, cancellation))
            {
                terminal.Note($"Already there: {what}");
                continue;
            }

            await TransferDisplay.RunAsync(
                terminal, $"Uploading {what}", content.Bytes,
                async progress =>
                {
                    await using var stream = content.Open();
                    await client.UploadContentAsync(content.Hash, stream, content.Bytes, progress, cancellation);
                });
        }
    }
}
