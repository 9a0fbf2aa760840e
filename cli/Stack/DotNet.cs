using System.Diagnostics;

namespace Broker.Cli.Stack;

/// <summary>The .NET that runs this program.</summary>
internal static class DotNet
{
    /// <summary>Set by <c>dotnet</c> for what it starts; elsewhere the one on the path.</summary>
    private static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";

    public static ProcessStartInfo Command(params IEnumerable<string> arguments) => new(Host, arguments);
}
