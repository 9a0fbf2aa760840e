using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Worker.Execution;
using Broker.Worker.Execution.Cpu;

namespace Broker.Worker.Tests.Execution;

public class CpuExecutorTests
{
    private readonly CpuExecutor _executor = new(threads: 2);
    private readonly List<ExecutionProgress> _progress = [];
    private readonly List<string> _printed = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Arguments_reach_the_kernel_and_results_come_back()
    {
        using var execution = Prepare(Programs.Saxpy, Documents.Saxpy());
        execution.Write("y", 0, Documents.InputY);
        execution.Write("x", 0, Documents.InputX);
        var result = Run(execution);
        Assert.Equal(ExecutionStatus.Completed, result.Status);
        Assert.True(result.Instructions > 0);
        Assert.Equal(Documents.SaxpyResult, Read(execution, "y", 16));
    }

    [Fact]
    public void A_buffer_argument_may_point_inside()
    {
        using var execution = Prepare(Programs.Store, Documents.Store(blocks: 2, bytes: 16, offset: 8));
        Run(execution);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], Read(execution, "out", 16));
    }

    [Fact]
    public void A_fault_names_kernel_step_block_thread_and_line()
    {
        using var execution = Prepare(Programs.Store, Documents.Store(blocks: 5, bytes: 16));
        var result = Run(execution);
        Assert.Equal(ExecutionStatus.Faulted, result.Status);
        Assert.Equal("outOfBounds", result.Fault!.Kind);
        Assert.Equal(new BlockIndex(0, 4), result.Fault.Block);
        Assert.Equal(0, result.Fault.Thread);
        Assert.Equal(13, result.Fault.Line);
        Assert.StartsWith("kernel 'store', step 0, block (4, 0, 0), thread (0, 0, 0), PTX line 13: ", result.Fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_names_its_launch_and_the_places_of_its_block_and_thread()
    {
        // Step 0 is launched three times; in step 1 only the last thread of the last block stores past the end.
        var document = Documents.Store(blocks: 2, bytes: 16, repeat: 3);
        var step = document.Steps[0] with { Kernel = "spread", Grid = new Dimensions(2, 3, 2), Block = new Dimensions(4, 2, 2), Repeat = 1 };
        document = document with { Steps = [document.Steps[0] with { Kernel = "spread" }, step] };
        using var execution = Prepare(Programs.Spread, document);
        var fault = Run(execution).Fault!;
        Assert.Equal(new BlockIndex(3, 11), fault.Block);
        Assert.Equal(15, fault.Thread);
    }

    [Fact]
    public void A_kernel_may_not_write_to_an_input()
    {
        var document = Documents.Saxpy();
        var y = document.Buffers[0] with { Role = BufferRole.Input };
        using var execution = Prepare(Programs.Saxpy, document with { Buffers = document.Buffers.SetItem(0, y) });
        Assert.Equal("readOnly", Run(execution).Fault!.Kind);
    }

    [Fact]
    public async Task An_endless_loop_can_be_stopped_and_tells_where_it_stood()
    {
        using var execution = Prepare(Programs.Endless, Documents.Endless());
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var result = await Task.Run(() => execution.Run(_progress.Add, _printed.Add, stop.Token), Cancellation);
        Assert.Equal(ExecutionStatus.Cancelled, result.Status);
        Assert.Matches("^kernel 'endless', step 0, block .*, PTX line 1[01]$", result.Where);
    }

    [Fact]
    public void Progress_begins_with_the_step_and_counts_the_blocks_of_all_repetitions()
    {
        using var execution = new CpuExecutor(threads: 1).Prepare(Programs.HashOf(Programs.Store), Programs.Store, Documents.Store(3, 16, repeat: 4));
        Run(execution);
        Assert.Equal(Enumerable.Range(0, 13).Select(block => (long)block), _progress.Select(progress => progress.BlocksDone));
    }

    [Fact]
    public void What_a_kernel_prints_is_heard_line_by_line()
    {
        using var execution = Prepare(Programs.Greet, Documents.Greet());
        Assert.Equal(ExecutionStatus.Completed, Run(execution).Status);
        Assert.Equal(["thread 0 of block 0: 0.00 done", "thread 1 of block 0: 0.50 done", "thread 0 of block 1: 0.00 done", "thread 1 of block 1: 0.50 done"], _printed);
    }

    [Fact]
    public void A_kernel_that_does_not_exist_is_named()
    {
        var e = Assert.Throws<ExecutorException>(() => Prepare(Programs.Saxpy, Documents.Store(1, 16)));
        Assert.Contains("'store'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_not_PTX_is_refused()
    {
        var e = Assert.Throws<ExecutorException>(() => Prepare("this is not PTX", Documents.Store(1, 16)));
        Assert.StartsWith("the CPU engine cannot run this program", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused_before_anything_runs()
    {
        var document = Documents.Saxpy();
        var step = document.Steps[0];
        using var execution = Prepare(Programs.Saxpy, document with { Steps = [step with { Arguments = step.Arguments.RemoveAt(3) }] });
        Assert.Throws<ExecutorException>(() => Run(execution));
    }

    private IExecution Prepare(string text, JobDocument document) => _executor.Prepare(ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(text)), text, document);

    private ExecutionResult Run(IExecution execution) => execution.Run(_progress.Add, _printed.Add, Cancellation);

    private static byte[] Read(IExecution execution, string buffer, int bytes)
    {
        var read = new byte[bytes];
        execution.Read(buffer, 0, read);
        return read;
    }
}
