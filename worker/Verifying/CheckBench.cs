using System.Collections.Immutable;
using Broker.Core.Api;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage.Worker;
using Broker.Verification;
using Broker.Worker.Attempts;
using Broker.Worker.Reexecution;

namespace Broker.Worker.Verifying;

/// <summary>Does the work of one check: fetches what the job starts from, has blocks executed again, and compares.</summary>
/// <param name="cache">Programs and inputs that were used before.</param>
/// <param name="http">Carries the requests to the storage.</param>
/// <param name="memoryBytes">What executing again may take.</param>
internal sealed class CheckBench(ContentCache cache, HttpClient http, long memoryBytes) : IDisposable
{
    private readonly SpareProcess _spare = new(memoryBytes);

    public void Dispose() => _spare.Dispose();

    public async Task<Verdict> JudgeAsync(CheckLinks links, CancellationToken cancellation)
    {
        var order = links.Order;
        var document = ReexecutionOrder.ReadDocument(order.Document);
        var blobs = new AttemptBlobs(http);
        var held = new List<HeldContent>();
        try
        {
            var files = ImmutableArray.CreateBuilder<ContentFile>();
            foreach (var hash in document.Contents)
            {
                held.Add(await cache.HoldAsync(hash, async (file, cancel) => await blobs.ReadAsync(await links.ReadContentAsync(hash, cancel), file, cancel), cancellation));
                files.Add(new ContentFile(hash, held[^1].Path));
            }

            using var inputs = new ContentFiles(files);
            var limits = new ReexecutionLimits(memoryBytes, (document.Verification ?? new VerificationSpec()).Budget);
            await using var reexecution = await ReexecutionProcess.StartAsync(_spare.Take(), new ReexecutionOrder(order.Document, files.ToImmutable()), limits);
            if (order.Fault is { } fault) return await FaultCheck.RunAsync(document, fault, reexecution, cancellation);
            return await CheckAsync(document, order, new StoredResult(blobs, links), reexecution, inputs, cancellation);
        }
        finally
        {
            held.ForEach(content => content.Dispose());
        }
    }

    private static async Task<Verdict> CheckAsync(
        JobDocument document, CheckOrder order, StoredResult committed, ReexecutionProcess reexecution, ContentFiles inputs, CancellationToken cancellation)
    {
        var statement = order.Commitment?.Statement ?? throw new InvalidOperationException("the order has neither a commitment nor a fault");
        try
        {
            var check = new ResultCheck(document, inputs.ReadProgram(document), statement, order.Seed, reexecution, committed, inputs, order.Sample);
            return await check.RunAsync(cancellation);
        }
        catch (ReexecutionException e)
        {
            // The program cannot even be read here.
            return new Verdict { Kind = VerdictKind.Inconclusive, Blocks = new LaunchList(document).Blocks, Sampled = 0, Reason = e.Message };
        }
    }
}
