using System.Collections.Immutable;
using Broker.Core.Verification;
using Microsoft.Win32.SafeHandles;

namespace Broker.Cli.Receipts;

/// <summary>A result that lies in a file, with the leaves of its bytes.</summary>
internal sealed class SavedOutput : IDisposable
{
    private readonly SafeFileHandle _file;

    private SavedOutput(string path, SafeFileHandle file, ImmutableArray<Digest> leaves) => (Path, _file, Leaves) = (path, file, leaves);

    public string Path { get; }

    public ImmutableArray<Digest> Leaves { get; }

    public Digest Root => MerkleTree.Root(Leaves.AsSpan());

    public long Bytes => RandomAccess.GetLength(_file);

    /// <summary>Null where there is no such file.</summary>
    public static async Task<SavedOutput?> FindAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path)) return null;
        await using (var stream = File.OpenRead(path))
        {
            var (leaves, piece) = (new LeafList(), new byte[1 << 20]);
            for (int read; (read = await stream.ReadAsync(piece, cancellation)) > 0;) leaves.Add(piece.AsSpan(0, read));
            return new SavedOutput(path, File.OpenHandle(path), leaves.Finish());
        }
    }

    public void Read(long offset, Span<byte> destination) => FileBytes.Read(_file, offset, destination);

    public void Dispose() => _file.Dispose();
}
