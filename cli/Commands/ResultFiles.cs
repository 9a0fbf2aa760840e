using Broker.Cli.Output;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Verification;

namespace Broker.Cli.Commands;

/// <summary>Downloads results into files; a file under its name is whole, and what the worker committed to.</summary>
internal sealed class ResultFiles(BrokerClient client, Terminal terminal)
{
    /// <summary>Ends the name of a file whose bytes are not what was committed to: they are evidence, and no result.</summary>
    private const string DisputedMark = ".disputed";

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
        catch (BrokerException e) when (e.Problem.Type == BrokerException.RootMismatch)
        {
            File.Move(partial, file + DisputedMark, overwrite: true);
            terminal.Note($"What came is kept in {file}{DisputedMark}.");
            throw;
        }
        finally
        {
            File.Delete(partial);
        }

        terminal.Note($"Saved {file}");
        return new SavedResult(output.Buffer, Path.GetFullPath(file), output.Bytes, output.Root);
    }
}

/// <summary>A result that lies in a file.</summary>
/// <param name="Buffer">Its name in the document.</param>
/// <param name="File">The file.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Root">The root over its leaves: what the worker committed to.</param>
internal sealed record SavedResult(string Buffer, string File, long Bytes, Digest Root);
