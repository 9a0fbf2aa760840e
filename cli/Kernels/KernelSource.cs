using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Broker.Cli.Kernels;

/// <summary>A CUDA C source with all that its PTX depends on, as one hash.</summary>
/// <remarks>The PTX carries the hash in its header, so whether it is stale can be told where no compiler is.</remarks>
public sealed partial record KernelSource(string FileName, string Sha256, CompileOptions Options)
{
    /// <summary>The header that every source includes, said or not.</summary>
    internal const string Prelude = "cuda_runtime.h";

    private const string HashLine = "// Source, headers and flags: sha256 ";

    /// <summary>Reads a source and, from its own folder and the prelude, each header that it includes.</summary>
    /// <remarks>
    /// Line endings do not count. Conditions are not evaluated: a header that is included under any of them counts.
    /// A header found in neither folder is the compiler's own, or missing; the compiler will say which.
    /// </remarks>
    public static KernelSource Read(string cuFile, CompileOptions options)
    {
        var texts = new Dictionary<string, string>();
        Collect(Path.GetFullPath(cuFile), options.PreludeFolder, texts);
        Collect(Path.GetFullPath(Path.Combine(options.PreludeFolder, Prelude)), options.PreludeFolder, texts);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Append(string text) => hash.AppendData(Encoding.UTF8.GetBytes($"{text.Length}\n{text}"));
        Append(string.Join(' ', options.Flags));
        Append(Path.GetFileName(cuFile));
        foreach (var (file, text) in texts.OrderBy(t => Path.GetFileName(t.Key), StringComparer.Ordinal))
        {
            Append(Path.GetFileName(file));
            Append(text);
        }
        return new KernelSource(Path.GetFileName(cuFile), Convert.ToHexStringLower(hash.GetHashAndReset()), options);
    }

    /// <summary>The comment that opens the PTX.</summary>
    public string Header(string compiler) =>
        $"// Generated from {FileName} by {compiler}: do not edit, run `broker kernels build {FileName}`.\n" +
        $"// clang++ {string.Join(' ', Options.Flags)} {FileName}\n" +
        $"{HashLine}{Sha256}\n";

    /// <summary>Whether the PTX was made from this source, these headers and these flags.</summary>
    public bool Made(string ptx) => ptx.Contains(HashLine + Sha256, StringComparison.Ordinal);

    private static void Collect(string file, string prelude, Dictionary<string, string> texts)
    {
        if (texts.ContainsKey(file)) return;
        var text = File.ReadAllText(file).ReplaceLineEndings("\n");
        texts.Add(file, text);

        string[] folders = [Path.GetDirectoryName(file)!, prelude];
        foreach (Match include in Include().Matches(text))
        {
            var found = folders.Select(f => Path.GetFullPath(Path.Combine(f, include.Groups[1].Value))).FirstOrDefault(File.Exists);
            if (found is not null) Collect(found, prelude, texts);
        }
    }

    [GeneratedRegex("""^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]""", RegexOptions.Multiline)]
    private static partial Regex Include();
}
