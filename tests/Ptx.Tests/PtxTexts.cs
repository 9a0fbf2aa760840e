using CsCheck;

namespace Broker.Ptx.Tests;

/// <summary>Gathers real PTX, and spoils it.</summary>
internal static class PtxTexts
{
    private static readonly string[] Splinters =
        ["{", "}", "(", ")", "[", "]", ";", ",", "@", "!", "|", "%r1", "%p1", "_", "0", "-1", "0x", "0f3F800000", "18446744073709551615", ".reg", ".entry", ".param",
         ".shared", ".align", ".b8", "[999999999]", "<2147483647>", ".version", "\"", "/*", "bra", "call", "bar.sync 0;", "ret;", "$L__BB0_1", ".v4", ".f64", "\0", "€"];

    public static IReadOnlyDictionary<string, string> All { get; } = new[] { "kernels", Path.Combine("tests", "Ptx.Tests") }
        .SelectMany(f => Directory.GetFiles(Path.Combine(Repository.Root, f), "*.ptx", SearchOption.AllDirectories))
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .ToDictionary(f => Path.GetRelativePath(Repository.Root, f), File.ReadAllText);

    /// <summary>Gives a real text with up to four of its pieces cut, doubled, moved or replaced.</summary>
    public static Gen<string> Mutated { get; } =
        from text in Gen.Int[0, All.Count - 1].Select(i => All.Values.ElementAt(i))
        from edits in Gen.Select(Gen.Double.Unit, Gen.Int[0, 30], Gen.Int[0, 3], Gen.Double.Unit, Gen.Int[0, Splinters.Length - 1].Select(i => Splinters[i])).List[1, 4]
        select edits.Aggregate(text, (current, edit) => Edit(current, edit.Item1, edit.Item2, edit.Item3, edit.Item4, edit.Item5));

    private static string Edit(string text, double at, int length, int kind, double other, string splinter)
    {
        var start = (int)(at * text.Length);
        var end = Math.Min(start + length, text.Length);
        return kind switch
        {
            0 => text[..start] + text[end..],
            1 => text[..end] + text[start..],
            2 => text.Insert((int)(other * text.Length), text[start..end]),
            _ => $"{text[..start]} {splinter} {text[end..]}",
        };
    }
}
