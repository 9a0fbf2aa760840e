namespace Broker.Ptx.Audit;

/// <summary>Gives what a buffer holds before a launch, piece by piece.</summary>
/// <remarks>It is asked once for each chunk that an audited block touches, never while the block runs.</remarks>
public interface IBufferContent
{
    void Read(long offset, Span<byte> destination);
}
