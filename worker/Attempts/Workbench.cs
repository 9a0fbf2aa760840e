using System.Collections.Immutable;
using System.Text;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage.Worker;
using Broker.Worker.Execution;

namespace Broker.Worker.Attempts;

/// <summary>How a run ended.</summary>
/// <param name="Report">What to say of it; of a completed run the statement is still to be made and signed.</param>
/// <param name="Results">What a completed run commits to, in the order of the document.</param>
internal sealed record RunEnd(AttemptReport Report, ImmutableArray<BufferRoot> Results);

/// <summary>Does the work of one run: fetches, executes, stores, and says how it went.</summary>
/// <param name="executor">The device.</param>
/// <param name="cache">Programs and inputs that were used before.</param>
/// <param name="http">Carries the requests to the storage.</param>
/// <param name="clock">Measures the execution, and its timeout.</param>
internal sealed class Workbench(IExecutor executor, ContentCache cache, HttpClient http, TimeProvider clock)
{
    /// <summary>The receiving and the deleting of the message, which every run costs.</summary>
    private const int OtherOperations = 2;

    /// <summary>A report does not wait for longer until the log is stored.</summary>
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(20);

    /// <returns>How it ended; null where nobody waits for it.</returns>
    public async Task<RunEnd?> RunAsync(OrderLinks links, LiveRun live, RunLog log)
    {
        var blobs = new AttemptBlobs(http);
        try
        {
            return await RunAsync(links, blobs, live, log);
        }
        catch (OperationCanceledException) when (live.Stopping.IsCancellationRequested)
        {
            return Stopped(live, links.Order, null, null);
        }
        catch (Exception e)
        {
            // The edge of a slot: whatever goes wrong inside, this worker tells of it and takes the next job.
            return new RunEnd(new AttemptReport(live.Run, RunOutcome.Failed, Reason: Explain(e)), []);
        }
    }

    /// <summary>Stores what was told of a run.</summary>
    public async Task StoreAsync(RunLog log, OrderLinks links)
    {
        using var limit = new CancellationTokenSource(LogPatience, clock);
        using var stream = new MemoryStream(log.ToBytes(), writable: false);
        await new AttemptBlobs(http).CreateAsync(await links.ReadLogAsync(limit.Token), stream, limit.Token);
    }

    private async Task<RunEnd?> RunAsync(OrderLinks links, AttemptBlobs blobs, LiveRun live, RunLog log)
    {
        log.Say($"run of attempt {live.Attempt} on {executor.Facts.Kind}, {executor.Facts.Name}");
        var document = ReadDocument(links.Order);
        var fetch = new InputFetch(cache, blobs, links);
        var program = document.Program.Content ?? throw new InvalidDataException("the order's program is not named by its hash");
        var text = await fetch.ReadProgramAsync(program, live.Stopping);
        log.Say($"program {program}: {text.Length} characters fetched");
        using var execution = await OffThreadAsync(() => executor.Prepare(program, text, document));
        foreach (var buffer in document.Buffers)
        {
            if (buffer.Content is not { } content) continue;
            var bytes = await fetch.WriteAsync(buffer, content, execution, live.Stopping);
            log.Say($"{buffer.Role.ToString().ToLowerInvariant()} '{buffer.Name}': {bytes} bytes of {content} fetched");
        }

        var started = clock.GetTimestamp();
        var steps = new StepLog(document, log, clock);
        var result = await ExecuteAsync(execution, document, links.Order, live, steps);
        var seconds = clock.GetElapsedTime(started).TotalSeconds;
        if (result.Status == ExecutionStatus.Cancelled) return Stopped(live, links.Order, result.Where, Use());
        if (result.Fault is { } fault) return new RunEnd(new AttemptReport(live.Run, RunOutcome.Faulted, null, Use(), fault, fault.Message), []);

        var upload = new OutputUpload(blobs, links, execution);
        var results = ImmutableArray.CreateBuilder<BufferRoot>();
        foreach (var buffer in document.Buffers.Where(buffer => buffer.IsResult))
        {
            results.Add(await upload.RunAsync(buffer, live.Stopping));
            log.Say($"{buffer.Role.ToString().ToLowerInvariant()} '{buffer.Name}': {buffer.Bytes} bytes stored, root {results[^1].Root}");
        }

        return new RunEnd(new AttemptReport(live.Run, RunOutcome.Completed, null, Use()), results.ToImmutable());

        Usage Use() => new(seconds, result.Instructions, executor.Facts.Kind, blobs.Operations + OtherOperations);
    }

    /// <summary>Only the execution counts against the job's timeout: a slow line is this worker's affair.</summary>
    private async Task<ExecutionResult> ExecuteAsync(IExecution execution, JobDocument document, AttemptOrder order, LiveRun live, StepLog steps)
    {
        var blocks = document.Steps.Sum(step => step.Grid.Count * step.Repeat);
        await using var timeout = clock.CreateTimer(
            _ => live.Stop(StopReason.TimedOut), null, TimeSpan.FromSeconds(order.TimeoutSeconds), Timeout.InfiniteTimeSpan);
        var result = await OffThreadAsync(() => execution.Run(Note, steps.SayPrinted, live.Stopping));
        steps.End();
        return result;

        void Note(ExecutionProgress progress)
        {
            live.Note(progress, blocks);
            steps.Note(progress.Step);
        }
    }

    /// <summary>On a thread of its own: it keeps the thread busy for as long as the job runs, and the pool is for those who wait.</summary>
    private static Task<T> OffThreadAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static JobDocument ReadDocument(AttemptOrder order)
    {
        var read = JobDocumentReader.Read(Encoding.UTF8.GetBytes(order.Document.GetRawText()));
        var document = read.Value ?? throw new InvalidDataException($"the order's document cannot be read: {string.Join("; ", read.Errors)}");

        // The worker signs what it computed: the broker must not be able to call it another job.
        var hash = JobHash.Of(document);
        return hash == order.JobHash ? document : throw new InvalidDataException($"the order calls the job {order.JobHash}, but the hash of its document is {hash}");
    }

    private static RunEnd? Stopped(LiveRun live, AttemptOrder order, string? where, Usage? usage)
    {
        var limit = Quantities.FormatDuration(TimeSpan.FromSeconds(order.TimeoutSeconds));
        return live.StopReason switch
        {
            StopReason.TimedOut => End(RunOutcome.TimedOut, $"it ran longer than terms.timeout, {limit}{(where is null ? "" : $", and stood in {where}")}"),
            StopReason.Released => End(RunOutcome.Released, "the worker is stopping"),
            _ => null,
        };

        RunEnd End(RunOutcome outcome, string reason) => new(new AttemptReport(live.Run, outcome, null, usage, Reason: reason), []);
    }

    private static string Explain(Exception e)
    {
        var cause = e.GetBaseException();
        if (cause is OutOfMemoryException) return "the worker is out of memory";
        var lines = cause.Message.Split('\n', 2);
        return lines[0].TrimEnd() is { Length: > 0 and <= 1000 } first ? first : cause.GetType().Name;
    }
}
