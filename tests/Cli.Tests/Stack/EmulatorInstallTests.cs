using Broker.Cli.Stack;

namespace Broker.Cli.Tests.Stack;

public sealed class EmulatorInstallTests : IDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly string _folder = Directory.CreateTempSubdirectory("broker-install-").FullName;

    [Fact]
    public async Task Many_at_once_install_once()
    {
        var installs = 0;
        Task Install(string folder, CancellationToken cancellation)
        {
            Interlocked.Increment(ref installs);
            return FakeInstallAsync(folder, cancellation);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new EmulatorInstall(_folder, Install).EnsureAsync(null, Cancellation)));

        Assert.Equal(1, installs);
        Assert.True(File.Exists(new EmulatorInstall(_folder, Install).Script));
        Assert.DoesNotContain(Directory.GetDirectories(_folder), folder => folder.Contains("partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_half_installed_is_not_used_and_is_removed_by_the_next_one()
    {
        Task Break(string folder, CancellationToken cancellation) => throw new CommandException(ExitCode.Environment, "the network is gone");
        var broken = new EmulatorInstall(_folder, Break);
        await Assert.ThrowsAsync<CommandException>(() => broken.EnsureAsync(null, Cancellation));
        Assert.False(File.Exists(broken.Script));

        await new EmulatorInstall(_folder, FakeInstallAsync).EnsureAsync(null, Cancellation);
        Assert.True(File.Exists(broken.Script));
        Assert.Single(Directory.GetDirectories(_folder));
    }

    [Fact]
    public async Task Another_lock_file_installs_again()
    {
        var install = new EmulatorInstall(_folder, FakeInstallAsync);
        await install.EnsureAsync(null, Cancellation);
        var stamp = Path.Combine(Directory.GetDirectories(_folder).Single(), "package-lock.json");
        await File.WriteAllTextAsync(stamp, "{}", Cancellation);

        await install.EnsureAsync(null, Cancellation);
        Assert.NotEqual("{}", await File.ReadAllTextAsync(stamp, Cancellation));
    }

    [Fact]
    public void The_lock_file_names_no_registry()
    {
        var text = File.ReadAllText(Path.Combine(EmulatorInstall.Source, "package-lock.json"));
        Assert.DoesNotContain("\"resolved\"", text, StringComparison.Ordinal);
    }

    private static async Task FakeInstallAsync(string folder, CancellationToken cancellation)
    {
        var script = Path.Combine(folder, "node_modules", "azurite", "dist", "src", "azurite.js");
        Directory.CreateDirectory(Path.GetDirectoryName(script)!);
        await Task.Delay(300, cancellation);
        await File.WriteAllTextAsync(script, "", cancellation);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
