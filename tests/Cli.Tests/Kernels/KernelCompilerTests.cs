using Broker.Cli.Kernels;
using Broker.Tests;

namespace Broker.Cli.Tests.Kernels;

public sealed class KernelCompilerTests
{
    [Theory]
    [InlineData("exp(x[1])", "call expf")]
    [InlineData("pow(x[1], x[2])", "call powf")]
    public async Task A_function_of_a_double_that_is_not_exact_is_refused_and_says_what_to_call(string call, string instead)
    {
        if (await Clang.FindAsync(TestContext.Current.CancellationToken) is null) Assert.Skip("This needs clang.");
        var folder = Directory.CreateTempSubdirectory("broker-kernels-");
        try
        {
            var source = Path.Combine(folder.FullName, "double.cu");
            await File.WriteAllTextAsync(source, $"__global__ void kernel(double *x) {{ x[0] = {call}; }}\n", TestContext.Current.CancellationToken);
            var options = new CompileOptions { PreludeFolder = Path.Combine(Repository.Root, "kernels", "include") };
            var outcome = await KernelCompiler.CompileAsync(source, options, TestContext.Current.CancellationToken);
            Assert.False(outcome.Succeeded);
            Assert.Contains(instead, outcome.Text, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
