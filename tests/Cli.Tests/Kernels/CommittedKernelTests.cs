using Broker.Cli.Kernels;
using Broker.Tests;

namespace Broker.Cli.Tests.Kernels;

public sealed class CommittedKernelTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "kernels");
    private static readonly CompileOptions Options = new() { PreludeFolder = Path.Combine(Folder, "include") };

    /// <summary>The kernels, and the source that tries their headers.</summary>
    public static TheoryData<string> Sources =>
    [
        .. Directory.GetFiles(Folder, "*.cu").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal),
        "../tests/Ptx.Tests/Prelude/ordinary.cu",
    ];

    [Fact]
    public void Sources_and_PTX_files_come_in_pairs()
    {
        var sources = Names("*.cu");
        Assert.NotEmpty(sources);
        Assert.Equal(sources, Names("*.ptx"));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void The_PTX_was_made_from_the_source_headers_and_flags_of_today(string source)
    {
        var (path, ptx) = Read(source);
        Assert.True(KernelSource.Read(path, Options).Made(ptx), $"kernels/{source} has changed since its PTX was made: run kernels/build.");
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Compiling_again_gives_the_same_bytes(string source)
    {
        var (path, ptx) = Read(source);
        var clang = await Clang.FindAsync(TestContext.Current.CancellationToken);
        if (clang is null || !ptx.StartsWith($"// Generated from {Path.GetFileName(source)} by {clang.Name}:", StringComparison.Ordinal))
            Assert.Skip($"This needs the clang that the head of the PTX names; found: {clang?.Name ?? "none"}.");

        var outcome = await KernelCompiler.CompileAsync(path, Options, TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Text);
        Assert.Equal("", outcome.Text);
        Assert.Equal(ptx, outcome.Ptx);
    }

    [Fact]
    public void A_changed_source_header_or_flag_makes_the_PTX_stale()
    {
        var folder = Directory.CreateTempSubdirectory("broker-kernels-");
        try
        {
            var source = Path.Combine(folder.FullName, "saxpy.cu");
            var header = Path.Combine(folder.FullName, "cuda_runtime.h");
            File.Copy(Path.Combine(Folder, "saxpy.cu"), source);
            File.WriteAllText(header, "// first\n");
            var options = Options with { PreludeFolder = folder.FullName };
            var ptx = KernelSource.Read(source, options).Header("clang 19");
            Assert.True(KernelSource.Read(source, options).Made(ptx));
            Assert.False(KernelSource.Read(source, options with { Architecture = "sm_90" }).Made(ptx));

            File.WriteAllText(header, "// second\n");
            Assert.False(KernelSource.Read(source, options).Made(ptx));
            File.WriteAllText(header, "// first\r\n");
            Assert.True(KernelSource.Read(source, options).Made(ptx), "line endings do not count");
            File.AppendAllText(source, "// more\n");
            Assert.False(KernelSource.Read(source, options).Made(ptx));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string?[] Names(string pattern) =>
        [.. Directory.GetFiles(Folder, pattern).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)];

    private static (string Path, string Ptx) Read(string source)
    {
        var path = Path.Combine(Folder, source);
        return (path, File.ReadAllText(Path.ChangeExtension(path, ".ptx")));
    }
}
