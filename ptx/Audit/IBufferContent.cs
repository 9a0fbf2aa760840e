namespace Broker.Ptx.Audit;

/// <summary>Gives what a buffer holds before a launch, piece by piece.</summary>
/// <remarks>It is asked once for each chunk that an audited block touches, never while the block runs.</remarks>
public interface IBufferContent
{
    void Read(long offset, Span<byte> destination);
}

/// <summary>Is content that lies in this process's memory and stays there: a buffer that no kernel may write to is read in place.</summary>
public interface IMemoryContent : IBufferContent
{
    /// <summary>Gets where it begins.</summary>
    nint Address { get; }

    long Bytes { get; }
}
