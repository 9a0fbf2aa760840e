using System.Diagnostics;
using System.Runtime.InteropServices;
using Broker.Tests;

namespace Broker.Host.Tests.Publishing;

/// <summary>The function app, published as it is for Azure, into a folder of these tests' own.</summary>
/// <remarks>
/// What is built on the way lies in that folder too, so that neither a build of the solution nor another test meets it. A second run
/// builds only what has changed.
/// </remarks>
public sealed class PublishedApp : IAsyncLifetime
{
    private static readonly string Artifacts = Path.Combine(AppContext.BaseDirectory, "published");
    private FileStream? _lock;

    /// <summary>The folder that is deployed.</summary>
    public static string Folder { get; } = Path.Combine(Artifacts, "app");

    public static void SkipUnlessItRunsHere() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64, "the app is published for linux-x64");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Artifacts);
        _lock = await LockAsync();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        var start = new ProcessStartInfo(
            "dotnet",
            [
                "publish", Path.Combine(Repository.Root, "functions"), "-c", "Release", "-r", "linux-x64", "--self-contained",
                "--artifacts-path", Artifacts, "-o", Folder, "--nologo", "--disable-build-servers",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var publish = Process.Start(start)!;
        var output = await Task.WhenAll(publish.StandardOutput.ReadToEndAsync(), publish.StandardError.ReadToEndAsync());
        await publish.WaitForExitAsync();
        Assert.True(publish.ExitCode == 0, string.Concat(output));
    }

    public ValueTask DisposeAsync() => _lock?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Of two runs of the same tests at once, the second waits for the end of the first.</summary>
    private static async Task<FileStream> LockAsync()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(Path.Combine(Artifacts, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < 600)
            {
                await Task.Delay(500);
            }
        }
    }
}

/// <summary>Tests of the published app: it is published once for all of them.</summary>
[CollectionDefinition(nameof(PublishedAppTests))]
public sealed class PublishedAppTests : ICollectionFixture<PublishedApp>;
