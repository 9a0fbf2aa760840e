using System.Security.Cryptography;

namespace Broker.Cli.Stack;

/// <summary>How the storage emulator is started.</summary>
public sealed record EmulatorOptions
{
    /// <summary>Where it keeps its data; null for memory only.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Its storage account. Name and key of an earlier run open what that run kept.</summary>
    public string AccountName { get; init; } = "broker" + RandomNumberGenerator.GetHexString(8, lowercase: true);

    public string AccountKey { get; init; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));

    /// <summary>Its ports on the loopback; null for free ones, as the default ports may be another emulator's.</summary>
    public EmulatorPorts? Ports { get; init; }

    /// <summary>Is told before what takes long.</summary>
    public Action<string>? Log { get; init; }
}

/// <summary>The ports of an emulator's three services.</summary>
public sealed record EmulatorPorts(int Blob, int Queue, int Table);
