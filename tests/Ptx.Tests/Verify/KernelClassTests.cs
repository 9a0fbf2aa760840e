using Broker.Ptx.Verify;

namespace Broker.Ptx.Tests.Verify;

/// <summary>Every kernel of the repository, with ragged edges, and its class.</summary>
public class KernelClassTests
{
    public static TheoryData<string, string, string> Expected => new()
    {
        { "saxpy", "saxpy", "exact" },
        { "sgemm-16", "sgemm", "exact" },
        { "mandelbrot", "mandelbrot", "exact" },
        { "raytrace", "render", "exact" },
        { "reduce", "reduce_float", "exact" },
        { "reduce", "reduce_uint", "exact-commutative" },
        { "histogram", "histogram", "exact-commutative" },
        { "exact-math", "exact_math", "exact" },
        { "sgemm-64", "sgemm", "exact" },
        { "igemm", "igemm", "exact" },
        { "conv2d", "conv2d", "exact" },
        { "softmax", "softmax", "exact" },
        { "layernorm", "layernorm", "exact" },
        { "attention", "attention_naive", "exact" },
        { "attention", "attention_tiled", "exact" },
        { "sgd", "sgd", "exact" },
        { "adam", "adam", "exact" },
        { "blackscholes", "blackscholes", "exact" },
        { "nbody", "nbody", "exact" },
        { "prefix-sum", "scan_blocks", "exact" },
        { "prefix-sum", "add_offsets", "exact" },
        { "bitonic-sort", "sort_blocks", "exact" },
        { "bitonic-sort", "merge_far", "exact" },
        { "bitonic-sort", "merge_near", "exact" },
        { "sha256", "sha256", "exact" },
    };

    [Fact]
    public void Every_kernel_of_the_folder_is_in_the_table()
    {
        var kernels = Directory.GetFiles(Path.Combine(Repository.Root, "kernels"), "*.ptx").SelectMany(f => Module.Parse(File.ReadAllText(f)).Kernels).Select(k => k.Name);
        Assert.Equal(kernels.Order(), Expected.Select(row => (string)row.Data.Item2).Order());
    }

    [Theory]
    [MemberData(nameof(Expected))]
    public void Kernel_has_its_class(string file, string entry, string expected)
    {
        var launch = KernelLaunches.Of(file == "sgemm-64" ? file : entry);
        var found = Classifier.Classify(Module.Parse(Repository.Kernel(file + ".ptx")), entry, launch.Launch, launch.Pointers);
        Assert.True(expected == found.Class.Word(), $"{found.Class.Word()}: {string.Join("\n", found.Reasons)}");
    }

    [Fact]
    public void Product_in_a_buffer_four_bytes_too_small_is_not_exact()
    {
        var launch = KernelLaunches.Of("sgemm", short4: true);
        Assert.Equal(KernelClass.ExactScattered, Classifier.Classify(Module.Parse(Repository.Kernel("sgemm-16.ptx")), "sgemm", launch.Launch, launch.Pointers).Class);
    }
}
