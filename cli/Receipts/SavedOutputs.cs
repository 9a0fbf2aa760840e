using System.Collections.Immutable;
using Broker.Core.Verification;
using Broker.Verification;

namespace Broker.Cli.Receipts;

/// <summary>The results of a job as <c>broker result --out DIR/</c> saved them.</summary>
internal sealed class SavedOutputs : ICommittedResult, IDisposable
{
    private readonly Dictionary<string, SavedOutput> _files = [];

    /// <summary>Takes the file of a result over.</summary>
    public void Add(string buffer, SavedOutput file) => _files.Add(buffer, file);

    /// <summary>Whether every result that was committed to is here.</summary>
    public bool HasAll(Statement statement) => statement.Buffers.All(buffer => _files.ContainsKey(buffer.Buffer));

    public Task<ImmutableArray<Digest>> ReadLeavesAsync(BufferRoot buffer, CancellationToken cancellation) => Task.FromResult(_files[buffer.Buffer].Leaves);

    public Task ReadAsync(BufferRoot buffer, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        _files[buffer.Buffer].Read(offset, destination.Span);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
    }
}
