namespace Broker.Tests;

/// <summary>Finds the repository that the tests were built from, and what was built beside them.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The assembly of an executable project, of the configuration that the tests have.</summary>
    public static string Assembly(string folder, string name)
    {
        var framework = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var configuration = Path.GetFileName(Path.GetDirectoryName(framework)!);
        return Path.Combine(Root, folder, "bin", configuration, Path.GetFileName(framework), name + ".dll");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Broker.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("the tests do not run inside the repository");
        return folder.FullName;
    }
}
