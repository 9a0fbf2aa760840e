using System.Security.Cryptography;
using Broker.Core.Ids;

namespace Broker.Worker.Attempts;

/// <summary>Content in a file that stays until this is disposed.</summary>
internal sealed class HeldContent(string path, Action letGo) : IDisposable
{
    public string Path { get; } = path;

    public void Dispose() => letGo();
}

/// <summary>Keeps programs and inputs that were used last in files of its own, by their hash.</summary>
/// <remarks>Safe for many threads. Nothing enters whose hash was not computed here, and nothing stays when it is disposed.</remarks>
internal sealed class ContentCache : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("broker-worker-");
    private readonly long _mostBytes;
    private readonly Lock _lock = new();
    private readonly LinkedList<(ContentHash Hash, long Bytes)> _recent = new();
    private readonly Dictionary<ContentHash, int> _holds = [];
    private long _bytes;

    // A few locks for all contents: two slots that want the same content fetch it once, and seldom wait for another.
    private readonly SemaphoreSlim[] _fetching = [.. Enumerable.Range(0, 16).Select(_ => new SemaphoreSlim(1))];

    /// <param name="mostBytes">How much is kept; one content that is larger is still kept while it is the newest.</param>
    public ContentCache(long mostBytes) => _mostBytes = mostBytes;

    /// <summary>Opens content, fetched first where it is not here.</summary>
    /// <param name="hash">The content.</param>
    /// <param name="fetch">Writes its bytes to a stream.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="InvalidDataException">What was fetched has another hash.</exception>
    public async Task<Stream> OpenAsync(ContentHash hash, Func<Stream, CancellationToken, Task> fetch, CancellationToken cancellation)
    {
        var gate = _fetching[(uint)hash.GetHashCode() % _fetching.Length];
        await gate.WaitAsync(cancellation);
        try
        {
            if (TryOpen(hash) is { } kept) return kept;
            await FetchAsync(hash, fetch, cancellation);
            var opened = Open(PathOf(hash));
            Keep(hash, opened.Length);
            return opened;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Keeps content in its file until it is let go, fetched first where it is not here.</summary>
    /// <exception cref="InvalidDataException">What was fetched has another hash.</exception>
    public async Task<HeldContent> HoldAsync(ContentHash hash, Func<Stream, CancellationToken, Task> fetch, CancellationToken cancellation)
    {
        lock (_lock) _holds[hash] = _holds.GetValueOrDefault(hash) + 1;
        var held = new HeldContent(PathOf(hash), () => LetGo(hash));
        try
        {
            await using var opened = await OpenAsync(hash, fetch, cancellation);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var gate in _fetching) gate.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task FetchAsync(ContentHash hash, Func<Stream, CancellationToken, Task> fetch, CancellationToken cancellation)
    {
        var partial = PathOf(hash) + ".part";
        try
        {
            await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await fetch(file, cancellation);
            }

            await using (var written = Open(partial))
            {
                var actual = ContentHash.Parse(Convert.ToHexStringLower(await SHA256.HashDataAsync(written, cancellation)));
                if (actual != hash) throw new InvalidDataException($"the content {hash} arrived as {actual}");
            }

            File.Move(partial, PathOf(hash), overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private FileStream? TryOpen(ContentHash hash)
    {
        lock (_lock)
        {
            var node = FindNode(hash);
            if (node is null) return null;
            _recent.Remove(node);
            _recent.AddFirst(node);
            return Open(PathOf(hash));
        }
    }

    private void Keep(ContentHash hash, long bytes)
    {
        lock (_lock)
        {
            _recent.AddFirst((hash, bytes));
            _bytes += bytes;
            Trim();
        }
    }

    private void LetGo(ContentHash hash)
    {
        lock (_lock)
        {
            if (--_holds[hash] == 0) _holds.Remove(hash);
            Trim();
        }
    }

    /// <summary>Drops what was not used for longest, but never the newest nor what is held.</summary>
    private void Trim()
    {
        for (var node = _recent.Last; _bytes > _mostBytes && node is not null && node != _recent.First;)
        {
            var (hash, bytes) = node.Value;
            var newer = node.Previous;
            if (!_holds.ContainsKey(hash))
            {
                _recent.Remove(node);
                _bytes -= bytes;
                File.Delete(PathOf(hash));
            }

            node = newer;
        }
    }

    private LinkedListNode<(ContentHash Hash, long Bytes)>? FindNode(ContentHash hash)
    {
        for (var node = _recent.First; node is not null; node = node.Next)
        {
            if (node.Value.Hash == hash) return node;
        }

        return null;
    }

    private string PathOf(ContentHash hash) => Path.Combine(_directory.FullName, hash.Hex);

    // Whoever reads a file that is dropped meanwhile reads it to its end.
    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
}
