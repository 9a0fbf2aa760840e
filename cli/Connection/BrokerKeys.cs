using System.Net;
using Broker.Client;
using Broker.Core.Verification;

namespace Broker.Cli.Connection;

/// <summary>The keys that brokers sign receipts with.</summary>
internal static class BrokerKeys
{
    /// <summary>Asks a broker for its key.</summary>
    /// <returns>Null where it has none: an older one.</returns>
    public static async Task<string?> ReadAsync(BrokerClient client, CancellationToken cancellation)
    {
        try
        {
            var key = (await client.ReadBrokerKeyAsync(cancellation)).PublicKey;
            return Signatures.IsKey(key) ? key : throw new CommandException(ExitCode.Refused, $"{client.Url.AbsoluteUri} says that its key is '{key}', which is no key.");
        }
        catch (BrokerException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Reads a key as a user names it: itself, or a file that has it.</summary>
    /// <exception cref="CommandException">It is neither.</exception>
    public static async Task<string> ReadAsync(string keyOrFile, CancellationToken cancellation)
    {
        if (Signatures.IsKey(keyOrFile)) return keyOrFile;
        var text = File.Exists(keyOrFile) ? (await File.ReadAllTextAsync(keyOrFile, cancellation)).Trim() : "";
        return Signatures.IsKey(text)
            ? text
            : throw new CommandException(ExitCode.BadInput, $"--broker-key '{keyOrFile}' is neither a public key nor a file with one: a SubjectPublicKeyInfo of P-256 in base64, as in GET /api/broker-key.");
    }
}
