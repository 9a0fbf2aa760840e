using System.Collections.Immutable;
using Broker.Core.Verification;

namespace Broker.Verification;

/// <summary>What a worker stored of its results. Nothing of it is trusted: the reader holds it against the commitment.</summary>
public interface ICommittedResult
{
    /// <summary>The list of a result's leaves.</summary>
    /// <exception cref="InvalidDataException">It is not there, or not as long as it must be.</exception>
    Task<ImmutableArray<Digest>> ReadLeavesAsync(BufferRoot buffer, CancellationToken cancellation);

    /// <summary>Bytes of a result.</summary>
    /// <exception cref="InvalidDataException">They are not there.</exception>
    Task ReadAsync(BufferRoot buffer, long offset, Memory<byte> destination, CancellationToken cancellation);
}
