using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage.Worker;
using Broker.Worker.Attempts;
using Broker.Worker.Execution;
using Broker.Worker.Execution.Cpu;
using Broker.Worker.Verifying;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Worker.Tests.Verifying;

/// <summary>Makes checks from their message to their verdict: blocks are executed in processes of their own, broker and storage are fakes.</summary>
internal sealed class CheckDesk : IDisposable
{
    public const long Memory = 512L << 20;

    private static readonly Dictionary<ContentHash, string> Texts = new[] { Programs.Saxpy, Programs.Endless, Programs.Store, Programs.Hog, Programs.Count }
        .ToDictionary(Programs.HashOf);

    private readonly HttpClient _http;
    private readonly ContentCache _cache = new(mostBytes: 1 << 20);
    private readonly CheckBench _bench;
    private readonly CheckLoop _loop;

    public CheckDesk()
    {
        _http = new HttpClient(Storage);
        AddContents(Storage);
        _bench = new CheckBench(_cache, _http, Memory);
        var checks = new CheckRun(Broker.Connect(), _bench, new InstantClock(), NullLogger<CheckRun>.Instance);
        _loop = new CheckLoop(new AttemptMessages(_http, FakeStorage.QueueUrl), checks, TimeProvider.System, NullLogger<CheckLoop>.Instance);
    }

    public FakeBroker Broker { get; } = new();

    public FakeStorage Storage { get; } = new();

    public static void AddContents(FakeStorage storage)
    {
        foreach (var text in Texts.Values) storage.AddContent(Encoding.UTF8.GetBytes(text));
        storage.AddContent(Documents.InputX);
        storage.AddContent(Documents.InputY);
    }

    /// <summary>Has a job verified that a worker claims to have run: its results are stored, and a check of them is assigned.</summary>
    /// <param name="broker">Gets the check.</param>
    /// <param name="storage">Gets the results, and the message.</param>
    /// <param name="document">The job.</param>
    /// <param name="cheat">Changes the results before the worker commits to them.</param>
    public static void Assign(FakeBroker broker, FakeStorage storage, JobDocument document, Action<Dictionary<string, byte[]>>? cheat = null)
    {
        var results = Run(document);
        cheat?.Invoke(results);
        var attempt = FakeBroker.Attempt(1);
        var roots = ImmutableArray.CreateBuilder<BufferRoot>();
        foreach (var (name, bytes) in results)
        {
            var leaves = MerkleTree.Leaves(bytes);
            roots.Add(new BufferRoot(name, bytes.Length, MerkleTree.Root(leaves.AsSpan())));
            storage.Blobs[$"leaves/{name}/0"] = LeafList.Store(leaves.AsSpan());
            for (var part = 0; part < OutputParts.Count(bytes.Length); part++)
                storage.Blobs[$"outputs/{name}/{part}"] = bytes.AsSpan((int)(part * OutputParts.Bytes), (int)OutputParts.Length(bytes.Length, part)).ToArray();
        }

        var statement = new Statement
        {
            Job = attempt.Job,
            JobHash = JobHash.Of(document),
            Replica = attempt.Replica,
            Attempt = attempt.Number,
            Run = "testrun1",
            Worker = FakeBroker.Worker,
            SeedCommit = Seed.Commit(FakeBroker.SecretSeed, attempt),
            Buffers = roots.ToImmutable(),
            Usage = new Usage(1, 1, "cpu", 1),
        };
        Assign(broker, storage, document, new SignedStatement(statement, ""), null);
    }

    /// <summary>Assigns a check of a claim that a kernel faults.</summary>
    public static void AssignClaim(FakeBroker broker, FakeStorage storage, JobDocument document, KernelFaultRecord claim) =>
        Assign(broker, storage, document, null, claim);

    public void Assign(JobDocument document, Action<Dictionary<string, byte[]>>? cheat = null) => Assign(Broker, Storage, document, cheat);

    /// <summary>Makes checks until one is judged.</summary>
    public async Task<Verdict> JudgeNextAsync()
    {
        var before = Broker.Verdicts.Count;
        await LookUntilAsync(() => Broker.Verdicts.Count > before);
        return Broker.Verdicts.Last();
    }

    /// <summary>Looks into the queue until something has happened, and what is begun then has ended.</summary>
    public async Task LookUntilAsync(Func<bool> condition)
    {
        using var ending = new CancellationTokenSource();
        var looking = _loop.RunAsync(ending.Token, CancellationToken.None);
        await Eventually.TrueAsync(condition);
        await ending.CancelAsync();
        await looking;
    }

    public void Dispose()
    {
        _bench.Dispose();
        _cache.Dispose();
        _http.Dispose();
        Broker.Dispose();
        Storage.Dispose();
    }

    private static void Assign(FakeBroker broker, FakeStorage storage, JobDocument document, SignedStatement? statement, KernelFaultRecord? claim)
    {
        var attempt = FakeBroker.Attempt(1);
        var results = statement is null ? [] : document.Buffers.Where(buffer => buffer.IsResult).ToList();
        broker.Checks[$"{attempt}/1"] = new CheckOrder(
            JsonSerializer.Deserialize<JsonElement>(JobDocumentWriter.Write(document)),
            [.. document.Contents.Select(hash => new ContentUrl(hash, FakeStorage.BlobUrl("content/" + hash.Hex)))],
            [.. results.Select(buffer => Urls("outputs", buffer.Name, buffer.Bytes))],
            [.. results.Select(buffer => Urls("leaves", buffer.Name, LeafList.StoredBytes(buffer.Bytes)))],
            statement, claim, FakeBroker.SecretSeed,
            SampleSize.Of(document.Verification ?? new VerificationSpec(), new LaunchList(document).Blocks, 1), DateTimeOffset.MaxValue);
        storage.Send(attempt, check: 1);

        static OutputUrls Urls(string folder, string buffer, long bytes) =>
            new(buffer, bytes, [.. Enumerable.Range(0, OutputParts.Count(bytes)).Select(part => FakeStorage.BlobUrl($"{folder}/{buffer}/{part}"))]);
    }

    /// <summary>What an honest worker computes; zeros where a program does not come to its end.</summary>
    private static Dictionary<string, byte[]> Run(JobDocument document)
    {
        var program = document.Program.Content!.Value;
        using var execution = new CpuExecutor(threads: 1).Prepare(program, Texts[program], document);
        if (document.FindBuffer("y") is not null) execution.Write("y", 0, Documents.InputY);
        if (document.FindBuffer("x") is not null) execution.Write("x", 0, Documents.InputX);
        var results = document.Buffers.Where(buffer => buffer.IsResult).ToDictionary(buffer => buffer.Name, buffer => new byte[buffer.Bytes]);
        if (results.Count == 0) return results;
        Assert.Equal(ExecutionStatus.Completed, execution.Run(_ => { }, _ => { }, TestContext.Current.CancellationToken).Status);
        foreach (var (name, bytes) in results) execution.Read(name, 0, bytes);
        return results;
    }
}
