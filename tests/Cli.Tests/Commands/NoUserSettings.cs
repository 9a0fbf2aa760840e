[assembly: AssemblyFixture(typeof(Broker.Cli.Tests.Commands.NoUserSettings))]

namespace Broker.Cli.Tests.Commands;

/// <summary>Keeps the broker that the person at this machine uses out of the tests, and the tests out of its settings.</summary>
public sealed class NoUserSettings : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broker-config-").FullName;

    public NoUserSettings()
    {
        Environment.SetEnvironmentVariable("BROKER_CONFIG", _folder);
        Environment.SetEnvironmentVariable("BROKER_URL", null);
        Environment.SetEnvironmentVariable("BROKER_KEY", null);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
