using System.Security.Cryptography;
using System.Text;
using Broker.Cli.Output;
using Broker.Core.Ids;
using Broker.Ptx;

namespace Broker.Cli.Receipts;

/// <summary>Finds content in folders of this machine by what it hashes to, whatever its name is.</summary>
/// <param name="folders">The folders; what lies in folders inside of them is not looked at.</param>
/// <param name="terminal">Is told what takes long.</param>
internal sealed class ContentFolders(IReadOnlyList<string> folders, Terminal terminal)
{
    /// <summary>What is smaller is hashed in no time.</summary>
    private const long WorthALine = 256L << 20;

    private readonly Dictionary<string, ContentHash> _hashes = [];

    /// <summary>The file with content of so many bytes.</summary>
    public string? Find(ContentHash hash, long bytes) => Files("*").Where(file => new FileInfo(file).Length == bytes).FirstOrDefault(file => HashOf(file) == hash);

    /// <summary>The text of a program: the broker names it by its canonical form, and a user mostly has the one that was submitted.</summary>
    public (string File, string Text)? FindProgram(ContentHash hash)
    {
        foreach (var file in Files("*.ptx").Concat(Files($"*{hash.Hex}*")))
        {
            var text = File.ReadAllText(file, Encoding.UTF8);
            if (HashOf(file) == hash) return (file, text);
            if (Canonical(text) is { } canonical && canonical.Sha256 == hash.Hex) return (file, canonical.Text);
        }

        return null;
    }

    private IEnumerable<string> Files(string pattern) => folders.SelectMany(folder => Directory.EnumerateFiles(folder, pattern)).Order(StringComparer.Ordinal);

    private ContentHash HashOf(string file)
    {
        if (_hashes.TryGetValue(file, out var known)) return known;
        using var stream = File.OpenRead(file);
        if (stream.Length >= WorthALine) terminal.Note($"Hashing {file} ({Words.Bytes(stream.Length)})");
        return _hashes[file] = ContentHash.Parse(Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    private static CanonicalProgram? Canonical(string text)
    {
        try
        {
            return Module.Parse(text).Canonicalise();
        }
        catch (PtxException)
        {
            return null; // Some other program, which this version cannot read.
        }
    }
}
