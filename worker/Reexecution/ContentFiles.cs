using System.Text;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Ptx.Audit;
using Broker.Verification;

namespace Broker.Worker.Reexecution;

/// <summary>The contents of a job in files, which are read and never written.</summary>
internal sealed class ContentFiles : IInputs, IDisposable
{
    private readonly Dictionary<ContentHash, MappedContent> _contents;

    public ContentFiles(IEnumerable<ContentFile> files) => _contents = files.ToDictionary(file => file.Hash, file => new MappedContent(file.Path));

    public IBufferContent? Open(BufferSpec buffer) => buffer.Content is { } hash ? Find(hash) : null;

    public string ReadProgram(JobDocument document)
    {
        var content = Find(document.Program.Content ?? throw new InvalidOperationException("the program is not named by its hash"));
        var bytes = new byte[content.Bytes];
        content.Read(0, bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    public void Dispose()
    {
        foreach (var content in _contents.Values) content.Dispose();
    }

    private MappedContent Find(ContentHash hash) =>
        _contents.TryGetValue(hash, out var content) ? content : throw new InvalidOperationException($"the content {hash} is not here");
}
