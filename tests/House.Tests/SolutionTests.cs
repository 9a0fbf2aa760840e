using Broker.Tests;

namespace Broker.House.Tests;

public sealed class SolutionTests
{
    /// <summary>A project that the solution does not name is neither built nor tested by <c>dotnet test</c>.</summary>
    [Fact]
    public void The_solution_names_every_project()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Broker.sln")).Replace('\\', '/');
        var projects = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .ToList();
        Assert.NotEmpty(projects);
        Assert.DoesNotContain(projects, project => !solution.Contains($"\"{project}\"", StringComparison.Ordinal));
    }
}
