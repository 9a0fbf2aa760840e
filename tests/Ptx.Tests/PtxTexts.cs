using Broker.Ptx.Tests.Lanes;

namespace Broker.Ptx.Tests;

/// <summary>Gathers real PTX.</summary>
internal static class PtxTexts
{
    private static readonly string CorpusFolder = Path.Combine("tests", "Ptx.Tests", "Hostile", "Corpus");

    public static IReadOnlyDictionary<string, string> All { get; } = Read("kernels").Concat(Read(Path.Combine("tests", "Ptx.Tests")))
        .Where(t => !t.Key.StartsWith(CorpusFolder, StringComparison.Ordinal)).ToDictionary();

    /// <summary>Gets texts that found defects, or show what few texts show.</summary>
    public static IReadOnlyDictionary<string, string> Corpus { get; } = Read(CorpusFolder).ToDictionary();

    /// <summary>Gets what spoilt texts are made from: all of these, and kernels that nobody wrote.</summary>
    public static IReadOnlyList<string> Seeds { get; } =
        [.. All.OrderBy(t => t.Key, StringComparer.Ordinal).Concat(Corpus.OrderBy(t => t.Key, StringComparer.Ordinal)).Select(t => t.Value), .. Enumerable.Range(0, 40).Select(RandomKernel.Write)];

    private static IEnumerable<KeyValuePair<string, string>> Read(string folder) => Directory
        .GetFiles(Path.Combine(Repository.Root, folder), "*.ptx", SearchOption.AllDirectories)
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Select(f => KeyValuePair.Create(Path.GetRelativePath(Repository.Root, f), File.ReadAllText(f)));
}
