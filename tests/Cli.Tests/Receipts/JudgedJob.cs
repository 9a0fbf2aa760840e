using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Cli.Receipts;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Audit;
using Broker.Tests;
using Broker.Verification;

namespace Broker.Cli.Tests.Receipts;

/// <summary>A small job that was run, judged, and given a receipt, with all its files in a folder.</summary>
/// <remarks>
/// saxpy in place on 64 blocks of 256 floats: 16 leaves of 4 KiB that blocks own, and one and a half behind them that none does. The
/// folder has the program as it was submitted, the inputs under names of their own, and the results in <c>results</c>.
/// </remarks>
internal sealed class JudgedJob : IDisposable
{
    private const int Blocks = 64;
    private const int Threads = 256;
    public const int BlockBytes = Threads * sizeof(float);
    private const int ResultBytes = (Blocks * BlockBytes) + 6_000;

    private static readonly string Submitted = File.ReadAllText(Path.Combine(Repository.Root, "kernels", "saxpy.ptx"));
    private static readonly CanonicalProgram Program = Module.Parse(Submitted).Canonicalise();

    private readonly ECDsa _worker = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _broker = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _x = Floats(Blocks * BlockBytes, i => 0.5f * i);
    private readonly byte[] _before = Floats(ResultBytes, i => i);
    private readonly string _mode;
    private readonly int _repeat;

    public JudgedJob(string mode = "sample", int repeat = 1)
    {
        (_mode, _repeat) = (mode, repeat);
        Directory.CreateDirectory(ResultFolder);
        File.WriteAllText(Path.Combine(Folder, "saxpy.ptx"), Submitted);
        File.WriteAllBytes(InputPath, _x);
        File.WriteAllBytes(Path.Combine(Folder, "before.dat"), _before);
        Document = JobDocumentReader.Read(Encoding.UTF8.GetBytes(DocumentText())).Value!;
        Honest = Run();
        SaveResult(Honest);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("broker-receipt-").FullName;

    public string ReceiptPath => Path.Combine(Folder, "receipt.json");

    public string ResultFolder => Path.Combine(Folder, "results");

    public string ResultPath => Path.Combine(ResultFolder, "y.bin");

    public string InputPath => Path.Combine(Folder, "some x.dat");

    public JobDocument Document { get; }

    /// <summary>What the job computes.</summary>
    public byte[] Honest { get; }

    public string BrokerKey => KeyOf(_broker);

    /// <summary>Judges a result as the broker would.</summary>
    /// <param name="result">The result.</param>
    /// <param name="sample">How many blocks are drawn; null for as many as the job asks.</param>
    public async Task<Receipt> JudgeAsync(byte[] result, long? sample = null)
    {
        var statement = State(result);
        using var reexecution = new LocalReexecution(Document, Program.Text, Inputs());
        var verdict = await new ResultCheck(Document, Program.Text, statement, Seed, reexecution, new Committed(result), Inputs(), sample).RunAsync(TestContext.Current.CancellationToken);
        return Sign(statement, verdict);
    }

    /// <summary>A receipt that the broker signed, whatever it says.</summary>
    public Receipt Sign(Statement statement, Verdict verdict) => Sign(statement, verdict, _broker);

    /// <summary>The root of a day that the broker signed.</summary>
    public DayRoot Sign(DayRoot root) => root with { Signature = Sign(root.Encode(), _broker) };

    /// <summary>The same by somebody who made a key of his own.</summary>
    public Receipt SignAsAnother(Receipt receipt)
    {
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Sign(receipt.Commitment.Statement, receipt.Verdict, another);
    }

    public Statement State(byte[] result) => new()
    {
        Job = Commands.Views.Id,
        JobHash = JobHash.Of(Document),
        Replica = 0,
        Attempt = 1,
        Run = "run00001",
        Worker = Commands.Views.Worker,
        SeedCommit = Core.Verification.Seed.Commit(Seed, new AttemptId(Commands.Views.Id, 0, 1)),
        Buffers = [new BufferRoot("y", result.Length, MerkleTree.Root(MerkleTree.Leaves(result).AsSpan()))],
        Usage = new Usage(1.5, 1_000, "cpu", 7),
    };

    /// <summary>A result with another bit somewhere.</summary>
    public byte[] Flip(int offset)
    {
        var changed = Honest.ToArray();
        changed[offset] ^= 1;
        return changed;
    }

    public void SaveResult(byte[] result) => File.WriteAllBytes(ResultPath, result);

    public Task SaveAsync(Receipt receipt) => ReceiptFile.SaveAsync(ReceiptPath, receipt, TestContext.Current.CancellationToken);

    /// <summary>Changes the saved receipt as one would with an editor.</summary>
    public async Task EditAsync(Action<JsonNode> edit)
    {
        var receipt = JsonNode.Parse(await File.ReadAllTextAsync(ReceiptPath, TestContext.Current.CancellationToken))!;
        edit(receipt);
        await File.WriteAllTextAsync(ReceiptPath, receipt.ToJsonString(new JsonSerializerOptions { WriteIndented = true }), TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        _worker.Dispose();
        _broker.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static Digest Seed { get; } = Digest.Of("a secret"u8);

    private Receipt Sign(Statement statement, Verdict verdict, ECDsa broker)
    {
        var receipt = new Receipt
        {
            Document = JsonDocument.Parse(JobDocumentWriter.Write(Document)).RootElement,
            Class = "exact",
            Commitment = new SignedStatement(statement, Sign(statement.Encode(), _worker)),
            WorkerKey = KeyOf(_worker),
            Seed = Seed,
            Verdict = verdict,
            Verifier = WorkerId.Parse("fedcba9876543210"),
            At = Commands.Views.Noon,
            BrokerKey = KeyOf(broker),
        };
        return receipt with { Signature = Sign(receipt.Encode(), broker) };
    }

    private static string KeyOf(ECDsa key) => Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());

    private static string Sign(byte[] bytes, ECDsa key) => Convert.ToBase64String(key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    private byte[] Run()
    {
        var result = _before.ToArray();
        for (var repetition = 0; repetition < _repeat; repetition++)
        {
            using var reexecution = new LocalReexecution(Document with { Steps = [Document.Steps[0] with { Repeat = 1 }] }, Program.Text, Inputs(result));
            var runs = reexecution.RunBlocksAsync([.. Enumerable.Range(0, Blocks).Select(block => new BlockIndex(0, block))], tracked: false, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
            var next = result.ToArray();
            foreach (var write in runs.SelectMany(run => run.Writes)) write.Bytes.CopyTo(next.AsMemory((int)write.Start));
            result = next;
        }

        return result;
    }

    private BytesAsInputs Inputs(byte[]? y = null) => new(new() { ["x"] = _x, ["y"] = y ?? _before });

    private string DocumentText() => $$"""
        {
          "name": "saxpy \u00e9",
          "program": { "content": "sha256:{{Program.Sha256}}" },
          "buffers": {
            "y": { "role": "inout", "bytes": {{ResultBytes}}, "content": "{{ContentHash.Of(_before)}}" },
            "x": { "role": "input", "bytes": {{_x.Length}}, "content": "{{ContentHash.Of(_x)}}" }
          },
          "steps": [ { "kernel": "saxpy", "grid": [{{Blocks}}], "block": [{{Threads}}], "repeat": {{_repeat}}, "arguments": [ { "buffer": "y" }, { "buffer": "x" }, { "u32": {{Blocks * Threads}} }, { "f32": 2 } ] } ],
          "verification": { "mode": "{{_mode}}", "fraction": 0.1, "confidence": 0.95 }
        }
        """;

    private static byte[] Floats(int bytes, Func<int, float> value)
    {
        var floats = new byte[bytes];
        for (var i = 0; i < bytes / sizeof(float); i++) BinaryPrimitives.WriteSingleLittleEndian(floats.AsSpan(i * sizeof(float)), value(i));
        return floats;
    }

    private sealed class BytesAsInputs(Dictionary<string, byte[]> contents) : IInputs
    {
        public IBufferContent? Open(BufferSpec buffer) => contents.TryGetValue(buffer.Name, out var bytes) ? new Content(bytes) : null;

        private sealed class Content(byte[] bytes) : IBufferContent
        {
            public void Read(long offset, Span<byte> destination) => bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        }
    }

    private sealed class Committed(byte[] result) : ICommittedResult
    {
        public Task<ImmutableArray<Digest>> ReadLeavesAsync(BufferRoot buffer, CancellationToken cancellation) => Task.FromResult(MerkleTree.Leaves(result));

        public Task ReadAsync(BufferRoot buffer, long offset, Memory<byte> destination, CancellationToken cancellation)
        {
            result.AsMemory((int)offset, destination.Length).CopyTo(destination);
            return Task.CompletedTask;
        }
    }
}
