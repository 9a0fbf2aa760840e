using Broker.Cli.Output;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Cli.Commands;

/// <summary>Downloads results into files; a file under its name is whole, its hash checked.</summary>
internal sealed class ResultFiles(BrokerClient client, Terminal terminal)
{
    /// <summary>Saves every result of a job as <c>buffer.bin</c> in a folder, which is made if need be.</summary>
    public async Task<IReadOnlyList<SavedResult>> SaveAllAsync(JobId job, string folder, CancellationToken cancellation)
    {
        var saved = new List<SavedResult>();
        foreach (var output in (await client.ReadOutputsAsync(job, cancellation)).Items)
            saved.Add(await SaveAsync(output, Path.Combine(folder, output.Buffer + ".bin"), cancellation));
        return saved;
    }

    public async Task<SavedResult> SaveAsync(OutputView output, string file, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var partial = file + ".partial";
        try
        {
            await using (var stream = File.Create(partial))
            {
                await TransferDisplay.RunAsync(
                    terminal, $"Downloading {output.Buffer} ({Words.Bytes(output.Bytes)})", output.Bytes,
                    progress => client.DownloadOutputAsync(output, stream, progress, cancellation));
            }

            File.Move(partial, file, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }

        terminal.Note($"Saved {file}");
        return new SavedResult(output.Buffer, Path.GetFullPath(file), output.Bytes, output.Sha256);
    }
}

/// <summary>A result that lies in a file.</summary>
internal sealed record SavedResult(string Buffer, string File, long Bytes, ContentHash Sha256);
