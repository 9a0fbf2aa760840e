namespace Broker.Ptx;

/// <summary>Carries the errors of a PTX text that cannot be used.</summary>
public sealed class PtxException : Exception
{
    public PtxException(IReadOnlyList<PtxError> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    internal PtxException(PtxError error)
        : this([error]) { }

    public IReadOnlyList<PtxError> Errors { get; }
}
