using Azure;

namespace Broker.Simulation.Memory;

/// <summary>A blob as it is stored.</summary>
internal sealed record MemoryBlob(byte[] Bytes, IDictionary<string, string> Metadata, ETag ETag);

/// <summary>All blobs of a simulated account, with the semantics that the broker relies on: ETags, and names in order.</summary>
internal sealed class MemoryBlobs
{
    private readonly SortedDictionary<string, MemoryBlob> _blobs = new(StringComparer.Ordinal);
    private long _version;

    public MemoryBlob? Find(string name) => _blobs.GetValueOrDefault(name);

    public IEnumerable<string> Names(string prefix) => _blobs.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <exception cref="RequestFailedException">It must not be there, and is.</exception>
    public MemoryBlob Write(string name, byte[] bytes, IDictionary<string, string>? metadata, bool mustBeMissing)
    {
        if (mustBeMissing && _blobs.ContainsKey(name)) throw new RequestFailedException(409, "BlobAlreadyExists", "BlobAlreadyExists", null);
        return _blobs[name] = new MemoryBlob(bytes, metadata ?? new Dictionary<string, string>(), NextVersion());
    }

    /// <exception cref="RequestFailedException">It is not there, or has another version.</exception>
    public MemoryBlob SetMetadata(string name, IDictionary<string, string> metadata, ETag? version) =>
        _blobs[name] = Read(name, version) with { Metadata = metadata, ETag = NextVersion() };

    /// <returns>Whether it was there.</returns>
    /// <exception cref="RequestFailedException">It has another version.</exception>
    public bool Delete(string name, ETag? version)
    {
        if (Find(name) is null) return false;
        Read(name, version);
        return _blobs.Remove(name);
    }

    /// <exception cref="RequestFailedException">It is not there, or has another version.</exception>
    public MemoryBlob Read(string name, ETag? version = null)
    {
        var blob = Find(name) ?? throw new RequestFailedException(404, "BlobNotFound", "BlobNotFound", null);
        return version is null || version == blob.ETag ? blob : throw new RequestFailedException(412, "ConditionNotMet", "ConditionNotMet", null);
    }

    private ETag NextVersion() => new($"\"b{++_version}\"");
}
