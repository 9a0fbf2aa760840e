using System.IO.MemoryMappedFiles;
using Broker.Ptx.Audit;

namespace Broker.Verification;

/// <summary>A file that is read as memory. It must not change meanwhile.</summary>
public sealed class MappedContent : IMemoryContent, IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;

    /// <exception cref="IOException">It cannot be read.</exception>
    public MappedContent(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        Bytes = file.Length;
        if (Bytes == 0)
        {
            // Nothing cannot be mapped.
            file.Dispose();
            return;
        }

        _file = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    public long Bytes { get; }

    public nint Address => _view?.SafeMemoryMappedViewHandle.DangerousGetHandle() ?? 0;

    /// <summary>Copies bytes out of it; what lies past its end is zeros.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        var there = (int)Math.Clamp(Bytes - offset, 0, destination.Length);
        if (there > 0) _view!.SafeMemoryMappedViewHandle.ReadSpan((ulong)offset, destination[..there]);
        destination[there..].Clear();
    }

    public void Dispose()
    {
        _view?.Dispose();
        _file?.Dispose();
    }
}
