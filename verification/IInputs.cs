using Broker.Core.Jobs;
using Broker.Ptx.Audit;

namespace Broker.Verification;

/// <summary>What the buffers of a job hold before it begins.</summary>
/// <remarks>Whoever makes one has held each content against its hash.</remarks>
public interface IInputs
{
    /// <summary>What a buffer holds; null for zeros.</summary>
    IBufferContent? Open(BufferSpec buffer);
}
