using System.Net;
using System.Text;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Worker.Attempts;

namespace Broker.Worker.Tests.Attempts;

public sealed class AttemptRunTests : IDisposable
{
    private readonly AttemptDesk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task A_completed_run_reports_its_outputs_and_deletes_its_message()
    {
        _desk.Assign(Documents.Saxpy());
        var report = await _desk.RunNextAsync();
        Assert.Equal(RunOutcome.Completed, report!.Outcome);
        var statement = report.Commitment!.Statement;
        Assert.Equal([new BufferRoot("y", 16, MerkleTree.Leaf(Documents.SaxpyResult))], statement.Buffers);
        Assert.Null(report.Usage);
        Assert.Equal(Documents.SaxpyResult, _desk.Storage.Blobs["outputs/y/0"]);
        Assert.Equal(0, _desk.Storage.MessageCount);

        // Program and two inputs, one part, and the message received and deleted.
        Assert.Equal(6, statement.Usage.StorageOperations);
        Assert.Equal("cpu", statement.Usage.Executor);
        Assert.True(statement.Usage.Steps > 0);
        Assert.Equal(_desk.Broker.Starts.Single().Run, report.Run);
    }

    [Fact]
    public async Task What_was_fetched_before_is_not_fetched_again()
    {
        _desk.Assign(Documents.Saxpy());
        await _desk.RunNextAsync();
        _desk.Storage.Blobs.TryRemove("outputs/y/0", out _);
        _desk.Assign(Documents.Saxpy(), number: 2);
        var report = await _desk.RunNextAsync();
        Assert.Equal(RunOutcome.Completed, report!.Outcome);
        Assert.Equal(3, report.Commitment!.Statement.Usage.StorageOperations);
        Assert.Equal(3, _desk.Storage.Reads);
    }

    [Theory]
    [InlineData(HttpStatusCode.Conflict)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task A_stale_attempt_is_dropped_with_its_message(HttpStatusCode status)
    {
        _desk.Assign(Documents.Saxpy());
        _desk.Broker.Fail = route => route.EndsWith("/start", StringComparison.Ordinal) ? status : null;
        Assert.Null(await _desk.RunNextAsync());
        Assert.Equal(0, _desk.Storage.MessageCount);
        Assert.Equal(0, _desk.Storage.Reads);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.Unauthorized)]
    public async Task An_attempt_that_cannot_start_now_is_left_for_later(HttpStatusCode status)
    {
        _desk.Assign(Documents.Saxpy());
        _desk.Broker.Fail = route => route.EndsWith("/start", StringComparison.Ordinal) ? status : null;
        Assert.Null(await _desk.RunNextAsync());
        Assert.Equal(1, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task A_withdrawn_run_stops_and_says_nothing()
    {
        _desk.Assign(Documents.Endless());
        var run = Assert.Single(await _desk.ReceiveAsync());
        var running = _desk.RunAsync(run);
        await Eventually.TrueAsync(() => !_desk.Broker.Starts.IsEmpty);
        _desk.Runs.Stop(run.Attempt, StopReason.Withdrawn);
        await running;
        Assert.Empty(_desk.Broker.Reports);
        Assert.Equal(0, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task A_run_that_lost_its_message_says_nothing_and_deletes_nothing()
    {
        _desk.Assign(Documents.Endless());
        var run = Assert.Single(await _desk.ReceiveAsync());
        var running = _desk.RunAsync(run);
        run.Stop(StopReason.LeaseLost);
        await running;
        Assert.Empty(_desk.Broker.Reports);
        Assert.Equal(1, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task A_released_run_says_so()
    {
        _desk.Assign(Documents.Endless());
        var run = Assert.Single(await _desk.ReceiveAsync());
        var running = _desk.RunAsync(run);
        _desk.Runs.StopAll(StopReason.Released);
        await running;
        Assert.Equal(RunOutcome.Released, _desk.Broker.Reports.Single().Outcome);
        Assert.Equal(0, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task A_run_past_its_time_says_where_it_stood_and_the_next_one_runs()
    {
        _desk.Broker.TimeoutSeconds = 0.3;
        _desk.Assign(Documents.Endless());
        var report = await _desk.RunNextAsync();
        Assert.Equal(RunOutcome.TimedOut, report!.Outcome);
        Assert.Matches("^it ran longer than terms.timeout, 300ms, and stood in kernel 'endless', step 0, .*, PTX line 1[01]$", report.Reason);

        _desk.Broker.TimeoutSeconds = 60;
        _desk.Assign(Documents.Saxpy(), number: 2);
        Assert.Equal(RunOutcome.Completed, (await _desk.RunNextAsync())!.Outcome);
    }

    [Fact]
    public async Task A_fault_is_reported_with_its_line_and_the_next_one_runs()
    {
        _desk.Assign(Documents.Store(blocks: 5, bytes: 16));
        var report = await _desk.RunNextAsync();
        Assert.Equal(RunOutcome.Faulted, report!.Outcome);
        Assert.Equal(13, report.Fault!.Line);
        Assert.Contains("PTX line 13", report.Reason, StringComparison.Ordinal);

        _desk.Assign(Documents.Store(blocks: 4, bytes: 16), number: 2);
        Assert.Equal(RunOutcome.Completed, (await _desk.RunNextAsync())!.Outcome);
    }

    [Fact]
    public async Task An_input_with_another_hash_is_not_used()
    {
        _desk.Storage.Blobs["content/" + ContentHash.Of(Documents.InputX).Hex] = Documents.InputY;
        _desk.Assign(Documents.Saxpy());
        var report = await _desk.RunNextAsync();
        Assert.Equal(RunOutcome.Failed, report!.Outcome);
        Assert.Contains($"{ContentHash.Of(Documents.InputX)} arrived as {ContentHash.Of(Documents.InputY)}", report.Reason, StringComparison.Ordinal);
        Assert.False(_desk.Storage.Blobs.ContainsKey("outputs/y/0"));
    }

    [Fact]
    public async Task A_program_that_the_engine_cannot_run_is_reported_in_words()
    {
        var text = "this is not PTX"u8.ToArray();
        _desk.Storage.AddContent(text);
        _desk.Assign(Documents.Saxpy() with { Program = new ProgramSource(ContentHash.Of(text), null) });
        var report = await _desk.RunNextAsync();
        Assert.Equal(RunOutcome.Failed, report!.Outcome);
        Assert.Contains("line 1", report.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.Conflict, "BlobAlreadyExists")]
    [InlineData(HttpStatusCode.Forbidden, "UnauthorizedBlobOverwrite")]
    [InlineData(HttpStatusCode.Forbidden, "AuthorizationPermissionMismatch")]
    public async Task A_part_that_is_there_was_stored_by_this_run(HttpStatusCode status, string code)
    {
        _desk.Storage.WhenThere = (status, code);
        _desk.Storage.Blobs["outputs/y/0"] = Documents.SaxpyResult;
        _desk.Assign(Documents.Saxpy());
        Assert.Equal(RunOutcome.Completed, (await _desk.RunNextAsync())!.Outcome);
    }

    [Fact]
    public async Task A_link_that_has_ended_is_not_taken_for_a_part_that_is_there()
    {
        _desk.Storage.WhenThere = (HttpStatusCode.Forbidden, "AuthenticationFailed");
        _desk.Storage.Blobs["outputs/y/0"] = [];
        _desk.Assign(Documents.Saxpy());
        Assert.Equal(RunOutcome.Failed, (await _desk.RunNextAsync())!.Outcome);
    }

    [Fact]
    public async Task Links_that_end_soon_are_asked_for_again_for_the_same_run()
    {
        _desk.Broker.LinkLife = TimeSpan.FromSeconds(1);
        _desk.Assign(Documents.Saxpy());
        Assert.Equal(RunOutcome.Completed, (await _desk.RunNextAsync())!.Outcome);
        Assert.True(_desk.Broker.Starts.Count > 1);
        Assert.Single(_desk.Broker.Starts.Select(start => start.Run).Distinct());
    }

    [Fact]
    public async Task A_report_waits_for_a_broker_in_trouble()
    {
        var failures = 12;
        _desk.Broker.Fail = route => route.EndsWith("/report", StringComparison.Ordinal) && failures-- > 0 ? HttpStatusCode.ServiceUnavailable : null;
        _desk.Assign(Documents.Saxpy());
        Assert.Equal(RunOutcome.Completed, (await _desk.RunNextAsync())!.Outcome);
        Assert.Equal(0, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task A_stale_report_is_dropped_with_its_message()
    {
        _desk.Broker.Fail = route => route.EndsWith("/report", StringComparison.Ordinal) ? HttpStatusCode.Conflict : null;
        _desk.Assign(Documents.Saxpy());
        Assert.Null(await _desk.RunNextAsync());
        Assert.Equal(0, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task The_log_of_a_run_tells_what_it_fetched_ran_and_stored_and_goes_with_the_report()
    {
        var attempt = _desk.Assign(Documents.Saxpy());
        var report = await _desk.RunNextAsync();
        Assert.Equal("", StoredLog());
        var lines = report!.Log!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] expected =
        [
            $"run of attempt {attempt} on cpu, .*", "program sha256:.{64}: [0-9]+ characters fetched",
            $"inout 'y': 16 bytes of {ContentHash.Of(Documents.InputY)} fetched", $"input 'x': 16 bytes of {ContentHash.Of(Documents.InputX)} fetched",
            "step 0: kernel 'saxpy', grid 1x1x1, block 32x1x1", "step 0: over after [0-9.]+ s",
            $"inout 'y': 16 bytes stored, root {MerkleTree.Leaf(Documents.SaxpyResult)}", "completed",
        ];
        Assert.Equal(expected.Length, lines.Length);
        Assert.All(expected.Zip(lines), pair => Assert.Matches($@"^\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z {pair.First}$", pair.Second));
    }

    [Fact]
    public async Task The_log_of_a_fault_ends_with_it()
    {
        _desk.Assign(Documents.Store(blocks: 5, bytes: 16));
        var report = await _desk.RunNextAsync();
        Assert.EndsWith($" faulted: {report!.Reason}\n", report.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_kernel_prints_is_in_the_log()
    {
        _desk.Assign(Documents.Greet());
        var report = await _desk.RunNextAsync();
        Assert.Equal(RunOutcome.Completed, report!.Outcome);
        Assert.Equal(
            ["step 0 prints: thread 0 of block 0: 0.00 done", "step 0 prints: thread 1 of block 0: 0.50 done", "step 0 prints: thread 0 of block 1: 0.00 done", "step 0 prints: thread 1 of block 1: 0.50 done"],
            report.Log!.Split('\n').Where(l => l.Contains("prints", StringComparison.Ordinal)).Select(l => l[25..]));
    }

    [Fact]
    public async Task A_long_log_is_stored_and_is_there_before_the_report()
    {
        var wasThere = false;
        _desk.Broker.Fail = route =>
        {
            if (route.EndsWith("/report", StringComparison.Ordinal)) wasThere = StoredLog().Length > 0;
            return null;
        };
        _desk.Assign(WithLongLog());
        var report = await _desk.RunNextAsync();
        Assert.True(wasThere);
        Assert.Null(report!.Log);
        Assert.Equal(7, report.Commitment!.Statement.Usage.StorageOperations);
        Assert.Equal(60, StoredLog().Split(": over after").Length - 1);
    }

    [Fact]
    public async Task A_result_counts_without_its_log()
    {
        _desk.Storage.Refuse = "logs/";
        _desk.Assign(WithLongLog());
        Assert.Equal(RunOutcome.Completed, (await _desk.RunNextAsync())!.Outcome);
        Assert.Equal("", StoredLog());
    }

    private static JobDocument WithLongLog()
    {
        var document = Documents.Saxpy();
        return document with { Steps = [.. Enumerable.Repeat(document.Steps[0], 60)] };
    }

    private string StoredLog() => _desk.Broker.Starts.TryPeek(out var start) && _desk.Storage.Blobs.TryGetValue($"logs/{start.Run}", out var bytes)
        ? Encoding.UTF8.GetString(bytes)
        : "";
}
