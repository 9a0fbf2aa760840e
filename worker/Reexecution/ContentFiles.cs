using System.Text;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Ptx.Audit;
using Broker.Verification;
using Microsoft.Win32.SafeHandles;

namespace Broker.Worker.Reexecution;

/// <summary>The contents of a job in files, which are read and never written.</summary>
internal sealed class ContentFiles : IInputs, IDisposable
{
    private readonly Dictionary<ContentHash, FileContent> _contents;

    public ContentFiles(IEnumerable<ContentFile> files) => _contents = files.ToDictionary(file => file.Hash, file => new FileContent(file.Path));

    public IBufferContent? Open(BufferSpec buffer) => buffer.Content is { } hash ? Find(hash) : null;

    public string ReadProgram(JobDocument document) =>
        Find(document.Program.Content ?? throw new InvalidOperationException("the program is not named by its hash")).ReadText();

    public void Dispose()
    {
        foreach (var content in _contents.Values) content.Dispose();
    }

    private FileContent Find(ContentHash hash) =>
        _contents.TryGetValue(hash, out var content) ? content : throw new InvalidOperationException($"the content {hash} is not here");

    private sealed class FileContent(string path) : IBufferContent, IDisposable
    {
        private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

        public void Read(long offset, Span<byte> destination)
        {
            for (var read = -1; read != 0 && destination.Length > 0; offset += read, destination = destination[read..])
                read = RandomAccess.Read(_file, destination, offset);

            // A buffer may be larger than its content: the rest is zeros.
            destination.Clear();
        }

        public string ReadText()
        {
            var bytes = new byte[RandomAccess.GetLength(_file)];
            Read(0, bytes);
            return Encoding.UTF8.GetString(bytes);
        }

        public void Dispose() => _file.Dispose();
    }
}
