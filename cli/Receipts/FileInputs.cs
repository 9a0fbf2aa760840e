using Broker.Core.Jobs;
using Broker.Ptx.Audit;
using Broker.Verification;

namespace Broker.Cli.Receipts;

/// <summary>What buffers hold before a job, read from files whose hashes are known.</summary>
internal sealed class FileInputs : IInputs, IDisposable
{
    private readonly Dictionary<string, MappedContent> _contents;

    /// <param name="files">The file of each buffer that has content, by the buffer's name.</param>
    public FileInputs(IReadOnlyDictionary<string, string> files) => _contents = files.ToDictionary(entry => entry.Key, entry => new MappedContent(entry.Value));

    public IBufferContent? Open(BufferSpec buffer) => _contents.GetValueOrDefault(buffer.Name);

    public void Dispose()
    {
        foreach (var content in _contents.Values) content.Dispose();
    }
}
