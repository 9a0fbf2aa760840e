using Broker.Core.Jobs;
using Broker.Ptx;
using Broker.Ptx.Verify;
using Broker.Tests;

namespace Broker.Verification.Tests;

public class StepLaunchTests
{
    private static readonly MemoryJob Job = Jobs.Make("saxpy");

    private static readonly StepSpec Step = Job.Document.Steps[0];

    private static readonly KernelSignature Kernel = Module.Parse(Job.Program).Kernels.First(kernel => kernel.Name == "saxpy");

    [Fact]
    public void Each_argument_lies_at_its_parameters_offset()
    {
        var step = Step with { SharedBytes = 12, Arguments = Step.Arguments.SetItem(1, Step.Arguments[1] with { Offset = 64 }) };
        var launch = StepLaunch.Make(Kernel, step, name => name == "y" ? 0x1000u : 0x2000u);
        Assert.Equal((new Dim3(40, 1, 1), new Dim3(256, 1, 1), 12), (launch.Grid, launch.Block, launch.DynamicSharedBytes));
        byte[] expected = [.. BitConverter.GetBytes(0x1000ul), .. BitConverter.GetBytes(0x2040ul), .. BitConverter.GetBytes(10_000u), .. BitConverter.GetBytes(2.5f)];
        Assert.Equal(expected, launch.Parameters.ToArray());
    }

    [Fact]
    public void Pointers_are_the_arguments_that_are_buffers() => Assert.Equal(
        [new LaunchPointer(0, new LaunchBuffer("y", 40_000, true)), new LaunchPointer(8, new LaunchBuffer("x", 40_000, false), 64)],
        StepLaunch.Pointers(Kernel, Step with { Arguments = Step.Arguments.SetItem(1, Step.Arguments[1] with { Offset = 64 }) }, Job.Document));

    [Fact]
    public void A_step_that_does_not_fit_its_kernel_is_refused()
    {
        Assert.Throws<ArgumentException>(() => StepLaunch.Make(Kernel, Step with { Arguments = Step.Arguments.RemoveAt(3) }, _ => 0));
        Assert.Throws<ArgumentException>(() => StepLaunch.Make(Kernel, Step with { Arguments = Step.Arguments.SetItem(2, Step.Arguments[0]) }, _ => 0));
        Assert.Throws<ArgumentException>(() => StepLaunch.Pointers(Kernel, Step, Job.Document with { Buffers = [] }));
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(4, 4, 0, 0)]
    [InlineData(5, 0, 1, 0)]
    [InlineData(29, 4, 2, 1)]
    public void Blocks_of_a_grid_stand_in_a_row(long place, uint x, uint y, uint z) => Assert.Equal(new Dim3(x, y, z), StepLaunch.At(new Dimensions(5, 3, 2), place));
}
