using System.Security.Cryptography;
using Broker.Core.Ids;

namespace Broker.Cli.Submit;

/// <summary>Bytes of this machine that a job needs, named by their hash.</summary>
/// <param name="Name">What they are, for people: a file's name.</param>
/// <param name="Hash">The hash that stands for them in the document.</param>
/// <param name="Bytes">How many.</param>
/// <param name="Open">Reads them, from the start.</param>
internal sealed record LocalContent(string Name, ContentHash Hash, long Bytes, Func<Stream> Open)
{
    public static LocalContent Of(string name, byte[] bytes) =>
        new(name, ContentHash.Of(bytes), bytes.Length, () => new MemoryStream(bytes, writable: false));

    /// <exception cref="CommandException">There is no such file, or nothing in it.</exception>
    public static LocalContent OfFile(string path)
    {
        if (!File.Exists(path)) throw new CommandException(ExitCode.BadInput, $"There is no file '{path}'.");
        using var file = File.OpenRead(path);
        if (file.Length == 0) throw new CommandException(ExitCode.BadInput, $"The file '{path}' is empty: a buffer needs at least one byte.");
        var hash = ContentHash.Parse(Convert.ToHexStringLower(SHA256.HashData(file)));
        return new LocalContent(Path.GetFileName(path), hash, file.Length, () => File.OpenRead(path));
    }
}
