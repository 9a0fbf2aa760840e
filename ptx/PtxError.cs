namespace Broker.Ptx;

/// <summary>Says whose side an error is on.</summary>
/// <remarks>Malformed text is the author's to mend; what is not supported may be right PTX that this engine does not run yet.</remarks>
public enum PtxErrorKind { Malformed, NotSupported }

/// <summary>Names one thing that is wrong with a PTX text, and where it stands.</summary>
public sealed record PtxError(PtxErrorKind Kind, int Line, int Column, string Message)
{
    public override string ToString() =>
        Kind == PtxErrorKind.NotSupported
            ? $"line {Line}, column {Column}: not supported yet: {Message}"
            : $"line {Line}, column {Column}: {Message}";
}
