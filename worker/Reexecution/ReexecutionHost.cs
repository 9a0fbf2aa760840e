using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Broker.Core.Documents;
using Broker.Ptx;
using Broker.Verification;

namespace Broker.Worker.Reexecution;

/// <summary>The program in its other role: a process that executes blocks of one job again for the verifier that started it.</summary>
/// <remarks>
/// It holds nothing worth stealing: no key, no link, no seed. Its first line names files; each line after that asks one thing and is
/// answered by one line. It ends with its input, whatever it is doing.
/// </remarks>
internal static class ReexecutionHost
{
    /// <summary>The argument that gives the program this role.</summary>
    public const string Argument = "reexecute";

    /// <summary>The exit code for memory that the runtime did not get.</summary>
    public const int OutOfMemory = 3;

    /// <summary>What a block may write, so that an answer can be held in memory on both sides.</summary>
    private const long BlockBytes = 64 << 20;

    /// <summary>About what a stretch takes beside its bytes.</summary>
    private const int StretchBytes = 100;

    public static int Run(Stream input, Stream output)
    {
        // What stops a verifier's process group lets its check come to its end first: the verifier ends this process.
        PosixSignalRegistration[] ignored = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP }.Select(Ignore)];
        using var lines = new BlockingCollection<string>();
        new Thread(() => Listen(input, lines)) { IsBackground = true, Name = "parent watch" }.Start();
        try
        {
            Serve(lines, output);
            return 0;
        }
        catch (OutOfMemoryException)
        {
            return OutOfMemory;
        }
        finally
        {
            foreach (var registration in ignored) registration.Dispose();
        }
    }

    private static PosixSignalRegistration Ignore(PosixSignal signal) => PosixSignalRegistration.Create(signal, context => context.Cancel = true);

    private static void Listen(Stream input, BlockingCollection<string> lines)
    {
        using var reader = new StreamReader(input, Encoding.UTF8);
        while (reader.ReadLine() is { } line) lines.Add(line);
        Environment.Exit(0);
    }

    private static void Serve(BlockingCollection<string> lines, Stream output)
    {
        WarmUp.Run();
        var order = Read<ReexecutionOrder>(lines.Take());
        var document = ReexecutionOrder.ReadDocument(order.Document);
        using var inputs = new ContentFiles(order.Contents);
        LocalReexecution? reexecution = null;
        foreach (var line in lines.GetConsumingEnumerable())
        {
            ReexecutionAnswer answer;
            try
            {
                reexecution ??= new LocalReexecution(document, inputs.ReadProgram(document), inputs, new RunOptions { MaxThreads = 1 });
                answer = Answer(reexecution, Read<ReexecutionRequest>(line));
            }
            catch (Exception e) when (e is ReexecutionException or ArgumentException or PtxException)
            {
                answer = new ReexecutionAnswer { Cost = reexecution?.Cost ?? default, Refusal = e.Message };
            }

            JsonSerializer.Serialize(output, answer, BrokerJson.Options);
            output.WriteByte((byte)'\n');
            output.Flush();
        }
    }

    private static ReexecutionAnswer Answer(LocalReexecution reexecution, ReexecutionRequest request)
    {
        var answer = new ReexecutionAnswer { Cost = default };
        if (request.Block is { } block) answer = answer with { Block = Bound(Wait(reexecution.RunBlocksAsync([block], request.Tracked, default))[0]) };
        else if (request.Whole) answer = answer with { Whole = Wait(reexecution.RunAllAsync(default)) };
        else if (request.Leaf is { } leaf) answer = answer with { Leaf = Wait(reexecution.ReadLeafAsync(leaf.Buffer, leaf.Leaf, default)) };
        else if (request.Claim is { } claim) answer = answer with { Reproduced = Wait(reexecution.ReproducesAsync(claim, default)) };
        return answer with { Cost = reexecution.Cost };
    }

    private static BlockRun Bound(BlockRun run) => run.Writes.Sum(write => (long)write.Bytes.Length + StretchBytes) <= BlockBytes
        ? run
        : throw new ReexecutionException($"block {run.Block.Block} of launch {run.Block.Launch} writes more than {BlockBytes} bytes, or in too many places, to be checked yet");

    /// <summary>What is executed in this process is over when it returns.</summary>
    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static T Read<T>(string line) => JsonSerializer.Deserialize<T>(line, BrokerJson.Options) ?? throw new InvalidOperationException("the line says null");
}
