using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Tests;
using Broker.Verification;
using Broker.Worker.Reexecution;

namespace Broker.Worker.Tests.Reexecution;

public sealed class ReexecutionProcessTests : IDisposable
{
    private static readonly ReexecutionLimits Limits = new(512L << 20, TimeSpan.FromMinutes(1));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("broker-test-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_writes_what_this_process_would_write()
    {
        var document = Documents.Saxpy();
        var order = Order(document, Programs.Saxpy);
        using var inputs = new ContentFiles(order.Contents);
        using var here = new LocalReexecution(document, Programs.Saxpy, inputs);
        await using var there = await StartAsync(order, Limits);
        foreach (var tracked in new[] { false, true })
        {
            var expected = Assert.Single(await here.RunBlocksAsync([new BlockIndex(0, 0)], tracked, Cancellation));
            var run = Assert.Single(await there.RunBlocksAsync([new BlockIndex(0, 0)], tracked, Cancellation));
            Assert.Equal(expected.Block, run.Block);
            Assert.Null(run.Problem);
            var write = Assert.Single(run.Writes);
            Assert.Equal(("y", 0L), (write.Buffer, write.Start));
            Assert.Equal(Documents.SaxpyResult, write.Bytes.ToArray());
            Assert.Equal(expected.Writes.Single().Unspecified.ToArray(), write.Unspecified.ToArray());
        }

        Assert.Equal(here.Cost.InputBytes, there.Cost.InputBytes);
        Assert.Equal(here.Cost.Steps, there.Cost.Steps);
        var whole = await there.RunAllAsync(Cancellation);
        Assert.Equal(MerkleTree.Leaf(Documents.SaxpyResult), whole.Leaves.Single().Single());
        Assert.Equal(Documents.SaxpyResult, (await there.ReadLeafAsync("y", 0, Cancellation)).Bytes.ToArray());
    }

    [Fact]
    public async Task No_variable_of_the_broker_reaches_it()
    {
        Environment.SetEnvironmentVariable("BROKER_TEST_SECRET", "top secret");
        Environment.SetEnvironmentVariable("SOME_OTHER_SECRET", "top secret");
        try
        {
            await using var process = await StartAsync(Order(Documents.Saxpy(), Programs.Saxpy), Limits);
            await process.RunBlocksAsync([new BlockIndex(0, 0)], false, Cancellation);
            var names = OperatingSystem.IsLinux()
                ? (await File.ReadAllTextAsync($"/proc/{process.ProcessId}/environ", Cancellation)).Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(variable => variable.Split('=')[0]).ToList()
                : [.. ReexecutionCommand.Make(Limits.MemoryBytes).Environment.Keys];
            Assert.Contains("DOTNET_GCHeapHardLimit", names);
            Assert.DoesNotContain(names, name => name.StartsWith("BROKER_", StringComparison.OrdinalIgnoreCase) || name.Contains("SECRET", StringComparison.Ordinal));
        }
        finally
        {
            Environment.SetEnvironmentVariable("BROKER_TEST_SECRET", null);
            Environment.SetEnvironmentVariable("SOME_OTHER_SECRET", null);
        }
    }

    [Fact]
    public async Task It_ends_with_its_input_even_while_it_computes()
    {
        // What the system does with the pipe of a parent that was killed.
        using var process = Process.Start(ReexecutionCommand.Make(Limits.MemoryBytes))!;
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(Order(Documents.Endless(), Programs.Endless), BrokerJson.Options));
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new ReexecutionRequest { Block = new BlockIndex(0, 0) }, BrokerJson.Options));
        await process.StandardInput.FlushAsync(Cancellation);
        await Eventually.TrueAsync(() =>
        {
            process.Refresh();
            return process.TotalProcessorTime > TimeSpan.FromSeconds(1.5);
        });
        process.StandardInput.Close();
        await process.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Fact]
    public async Task Ctrl_C_is_not_for_it()
    {
        Interrupt.Require();
        await using var process = await StartAsync(Order(Documents.Saxpy(), Programs.Saxpy), Limits);
        await process.RunBlocksAsync([new BlockIndex(0, 0)], false, Cancellation);
        using var same = Process.GetProcessById(process.ProcessId);
        await Interrupt.SendAsync(same);
        await Task.Delay(300, Cancellation);
        Assert.Single(await process.RunBlocksAsync([new BlockIndex(0, 0)], false, Cancellation));
    }

    [Fact]
    public async Task One_that_was_killed_says_so()
    {
        await using var process = await StartAsync(Order(Documents.Endless(), Programs.Endless), Limits);
        var running = process.RunBlocksAsync([new BlockIndex(0, 0)], false, Cancellation);
        Process.GetProcessById(process.ProcessId).Kill();
        var e = await Assert.ThrowsAsync<ReexecutionException>(() => running);
        Assert.StartsWith("the process that executes blocks again ended unexpectedly: ", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ReexecutionException>(() => process.RunBlocksAsync([new BlockIndex(0, 0)], false, Cancellation));
    }

    [Fact]
    public async Task A_crash_is_told_by_its_first_line()
    {
        var order = Order(Documents.Saxpy(), Programs.Saxpy);
        await using var process = await StartAsync(order with { Contents = [] }, Limits);
        var e = await Assert.ThrowsAsync<ReexecutionException>(() => process.RunBlocksAsync([new BlockIndex(0, 0)], false, Cancellation));
        Assert.Contains("is not here", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_that_is_no_longer_wanted_is_left_at_once()
    {
        var process = await StartAsync(Order(Documents.Endless(), Programs.Endless), Limits);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => process.RunBlocksAsync([new BlockIndex(0, 0)], false, stop.Token));
        var id = process.ProcessId;
        await process.DisposeAsync();
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
    }

    [Fact]
    public async Task A_program_that_cannot_be_executed_is_refused_in_words()
    {
        await using var process = await StartAsync(Order(Documents.Saxpy(), "this is not PTX"), Limits);
        var e = await Assert.ThrowsAsync<ReexecutionException>(() => process.RunBlocksAsync([new BlockIndex(0, 0)], false, Cancellation));
        Assert.StartsWith("the program cannot be read", e.Message, StringComparison.Ordinal);
    }

    private ReexecutionOrder Order(JobDocument document, string program)
    {
        var text = Encoding.UTF8.GetBytes(program);
        document = document with { Program = new ProgramSource(ContentHash.Of(text), null) };
        return new ReexecutionOrder(
            JsonSerializer.Deserialize<JsonElement>(JobDocumentWriter.Write(document)),
            [.. new[] { text, Documents.InputX, Documents.InputY }.Select(Store)]);
    }

    private ContentFile Store(byte[] bytes)
    {
        var hash = ContentHash.Of(bytes);
        var path = Path.Combine(_folder.FullName, hash.Hex);
        File.WriteAllBytes(path, bytes);
        return new ContentFile(hash, path);
    }

    private static Task<ReexecutionProcess> StartAsync(ReexecutionOrder order, ReexecutionLimits limits) =>
        ReexecutionProcess.StartAsync(Process.Start(ReexecutionCommand.Make(limits.MemoryBytes))!, order, limits);
}
