using System.Xml.Linq;
using Broker.Tests;

namespace Broker.House.Tests;

public sealed class ReferenceTests
{
    /// <summary>Each project, and the projects that it may name. References point one way.</summary>
    public static TheoryData<string, string[]> Allowed => new()
    {
        { "core", [] },
        { "ptx", [] },
        { "storage", ["core"] },
        { "verification", ["core", "ptx"] },
        { "functions", ["storage", "verification"] },
        { "worker", ["storage", "client", "verification"] },
        { "client", ["core"] },
        { "cli", ["client", "verification"] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_project_references_what_it_may_and_nothing_else(string project, string[] allowed)
    {
        var references = Items(project, "ProjectReference").Select(path => path.Split('/')[^2]);
        Assert.Equal(allowed.Order(), references.Order());
    }

    [Theory]
    [InlineData("core")]
    [InlineData("ptx")]
    public void Core_and_the_engine_use_no_package(string project) => Assert.Empty(Items(project, "PackageReference"));

    [Theory]
    [InlineData("core")]
    [InlineData("ptx")]
    [InlineData("verification")]
    [InlineData("functions")]
    [InlineData("worker")]
    [InlineData("client")]
    [InlineData("cli")]
    public void Only_storage_names_Azure(string project)
    {
        Assert.DoesNotContain(Items(project, "PackageReference"), package => package.StartsWith("Azure.", StringComparison.Ordinal));
        var naming = Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains("using Azure", StringComparison.Ordinal));
        Assert.Empty(naming);
    }

    private static IEnumerable<string> Items(string project, string kind)
    {
        var file = Assert.Single(Directory.GetFiles(Path.Combine(Repository.Root, project), "*.csproj"));
        return XDocument.Load(file).Descendants(kind).Select(item => item.Attribute("Include")!.Value);
    }
}
