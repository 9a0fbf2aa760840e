using System.Text.Json;
using Broker.Host.Tests.Hosting;
using Broker.Tests;

namespace Broker.Host.Tests.Publishing;

/// <summary>What lies in the folder that is deployed.</summary>
[Collection(nameof(PublishedAppTests))]
public sealed class PublishedFolderTests
{
    private static readonly string[] NeverPublished = ["local.settings.json", "packages.lock.json", "appsettings.Development.json"];

    [Fact]
    public void The_published_folder_is_a_whole_function_app()
    {
        var root = ScriptRoot.Read(PublishedApp.Folder);
        Assert.Equal(["Api", "Audit", "HandleReport", "MatchJobs", "Sweep"], root.Functions.Select(function => function.Name));
        Assert.True(root.ForwardsHttp);
        Assert.Equal("api", root.RoutePrefix);
        Assert.Equal(
            new QueueOptions(16, 8, 5, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), "none"),
            root.Queues);
        foreach (var file in Directory.GetFiles(PublishedApp.Folder, "*.json", SearchOption.AllDirectories))
            using (JsonDocument.Parse(File.ReadAllBytes(file))) { }
        Assert.DoesNotContain(NeverPublished, name => Directory.GetFiles(PublishedApp.Folder, name, SearchOption.AllDirectories).Length > 0);
    }

    [Fact]
    public void The_program_that_host_json_names_brings_its_own_runtime_and_may_be_executed()
    {
        var program = ScriptRoot.Read(PublishedApp.Folder).Executable;
        Assert.Equal([0x7F, (byte)'E', (byte)'L', (byte)'F'], File.ReadAllBytes(program)[..4]);
        Assert.True(File.Exists(Path.Combine(PublishedApp.Folder, "libcoreclr.so")), "the plan has no .NET: it must be published along");
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode everyone = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Assert.Equal(everyone, File.GetUnixFileMode(program) & everyone);
    }

    /// <summary>A lock file that a publish changes is one that a locked restore refuses.</summary>
    [Fact]
    public void The_lock_files_hold_what_a_publish_needs()
    {
        foreach (var project in (string[])["core", "ptx", "verification", "storage", "functions"])
        {
            var file = File.ReadAllText(Path.Combine(Repository.Root, project, "packages.lock.json"));
            Assert.True(JsonDocument.Parse(file).RootElement.GetProperty("dependencies").TryGetProperty("net10.0/linux-x64", out _), project);
        }
    }
}
