using System.Security.Cryptography;
using Broker.Core.Verification;

namespace Broker.Worker.Attempts;

/// <summary>The key that this process signs its statements with: it is in memory alone, and ends with the process.</summary>
/// <remarks>Safe for many threads.</remarks>
internal sealed class StatementKey : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The half that the broker is told when the worker registers.</summary>
    public string PublicKey => Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo());

    public SignedStatement Sign(Statement statement)
    {
        lock (_lock)
        {
            var signature = _key.SignData(statement.Encode(), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            return new SignedStatement(statement, Convert.ToBase64String(signature));
        }
    }

    public void Dispose() => _key.Dispose();
}
