using Broker.Core.Jobs;
using Broker.Ptx.Audit;
using Broker.Verification;
using Microsoft.Win32.SafeHandles;

namespace Broker.Cli.Receipts;

/// <summary>What buffers hold before a job, read from files whose hashes are known.</summary>
internal sealed class FileInputs : IInputs, IDisposable
{
    private readonly Dictionary<string, FileContent> _contents;

    /// <param name="files">The file of each buffer that has content, by the buffer's name.</param>
    public FileInputs(IReadOnlyDictionary<string, string> files) => _contents = files.ToDictionary(entry => entry.Key, entry => new FileContent(File.OpenHandle(entry.Value)));

    public IBufferContent? Open(BufferSpec buffer) => _contents.GetValueOrDefault(buffer.Name);

    public void Dispose()
    {
        foreach (var content in _contents.Values) content.Dispose();
    }

    private sealed class FileContent(SafeFileHandle file) : IBufferContent, IDisposable
    {
        public void Read(long offset, Span<byte> destination) => FileBytes.Read(file, offset, destination);

        public void Dispose() => file.Dispose();
    }
}
