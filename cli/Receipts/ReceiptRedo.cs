using Broker.Cli.Output;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;
using Broker.Verification;

namespace Broker.Cli.Receipts;

/// <summary>Does on this machine again what a receipt says that was done.</summary>
/// <param name="receipt">Anybody's receipt: nothing in it is believed.</param>
/// <param name="folders">Where programs and inputs are looked for.</param>
/// <param name="outputFolder">Where <c>broker result</c> saved the results.</param>
/// <param name="terminal">Is told what takes long.</param>
internal sealed class ReceiptRedo(Receipt receipt, IReadOnlyList<string> folders, string outputFolder, Terminal terminal)
{
    private readonly List<RedoneFinding> _findings = [];
    private readonly ContentFolders _contents = new(folders, terminal);

    private Statement Statement => receipt.Commitment.Statement;

    /// <param name="brokerKey">The key that the broker is known by; null where it is not.</param>
    /// <param name="executes">Whether blocks are executed again.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<ReceiptVerification> RunAsync(string? brokerKey, bool executes, CancellationToken cancellation)
    {
        foreach (var finding in ReceiptCheck.Check(receipt, brokerKey))
        {
            // Where no key is known the comparison holds by itself, and proves nothing.
            if (finding.Name == "broker key" && brokerKey is null) Add(finding.Name, FindingOutcome.NotDone, "the signer is not known: name the broker's key with --broker-key, or `broker login` stores it");
            else Add(finding.Name, finding.Holds, finding.Says, finding.Says);
        }

        Verdict? verdict = null;
        if (receipt.Version == Receipt.CurrentVersion && ReceiptCheck.FindDocument(receipt) is { } document && _findings.Exists(finding => finding is { Name: "results", Outcome: FindingOutcome.Holds }))
        {
            using var outputs = await FindOutputsAsync(executes, cancellation);
            if (executes) verdict = await FindProgramAndExecuteAsync(document, outputs, cancellation);
            else Add("execution", FindingOutcome.Skipped, "nothing was executed again, as was asked for");
        }

        return new ReceiptVerification(Statement.Job, _findings.TrueForAll(finding => finding.Outcome is FindingOutcome.Holds or FindingOutcome.Skipped), _findings, verdict);
    }

    private async Task<SavedOutputs> FindOutputsAsync(bool areNeeded, CancellationToken cancellation)
    {
        var outputs = new SavedOutputs();
        foreach (var buffer in Statement.Buffers)
        {
            var (name, path) = ($"output '{buffer.Buffer}'", Path.Combine(outputFolder, buffer.Buffer + ".bin"));
            var file = await SavedOutput.FindAsync(path, cancellation);
            if (file is not null && file.Root == buffer.Root && file.Bytes == buffer.Bytes)
            {
                outputs.Add(buffer.Buffer, file);
                Add(name, FindingOutcome.Holds, $"{path} is what the worker committed to");
                continue;
            }

            using (file)
            {
                // What was not accepted is handed out to nobody: a file of that name is another attempt's.
                if (receipt.Verdict.Kind != VerdictKind.Passed) Add(name, FindingOutcome.Skipped, "results that were not accepted are handed out to nobody");
                else if (file is not null) Add(name, FindingOutcome.Fails, $"{path} has root {file.Root} and {file.Bytes} bytes, and the worker committed to {buffer.Root} and {buffer.Bytes} bytes");
                else Add(name, areNeeded ? FindingOutcome.NotDone : FindingOutcome.Skipped, $"there is no {path}: `broker result {Statement.Job} --out DIR/` saves it, --outputs DIR names the folder");
            }
        }

        return outputs;
    }

    private async Task<Verdict?> FindProgramAndExecuteAsync(JobDocument document, SavedOutputs outputs, CancellationToken cancellation)
    {
        var program = FindProgram(document);
        var files = FindInputs(document);
        if (program is null || files is null)
        {
            Add("execution", FindingOutcome.NotDone, "nothing can be executed again without what is missing");
            return null;
        }

        using var inputs = new FileInputs(files);
        try
        {
            return await Task.Run(() => ExecuteAsync(document, program, inputs, outputs, cancellation), cancellation);
        }
        catch (Exception e) when (e is ReexecutionException or PtxException or ArgumentException or InvalidOperationException or InvalidDataException or OutOfMemoryException)
        {
            Add("execution", FindingOutcome.NotDone, $"it cannot be executed here: {e.Message}");
            return null;
        }
    }

    private string? FindProgram(JobDocument document)
    {
        if (document.Program.Content is not { } hash) return null;
        if (_contents.FindProgram(hash) is not { } found)
        {
            Add("program", FindingOutcome.NotDone, $"no file has {hash}, nor a program whose canonical form has: name the folder of the .ptx with --inputs; `broker kernels build` makes it of a .cu");
            return null;
        }

        Add("program", FindingOutcome.Holds, $"{found.File} is the program");
        return found.Text;
    }

    private Dictionary<string, string>? FindInputs(JobDocument document)
    {
        var files = new Dictionary<string, string>();
        var missing = false;
        foreach (var buffer in document.Buffers)
        {
            if (buffer.Content is not { } hash) continue;
            if (_contents.Find(hash, buffer.Bytes) is { } file)
            {
                files.Add(buffer.Name, file);
                Add($"input '{buffer.Name}'", FindingOutcome.Holds, $"{file} is its content");
                continue;
            }

            // The broker hands content out to those alone who execute it.
            missing = true;
            Add($"input '{buffer.Name}'", FindingOutcome.NotDone, $"no file of {buffer.Bytes} bytes has {hash}: name the folder with --inputs");
        }

        return missing ? null : files;
    }

    private async Task<Verdict?> ExecuteAsync(JobDocument document, string program, FileInputs inputs, SavedOutputs outputs, CancellationToken cancellation)
    {
        var found = JobClass.Of(Module.Parse(program), document).Class.Word();
        Add("class", found == receipt.Class, $"the job is {found}", $"the job is {found}, and not {receipt.Class}");
        using var local = new LocalReexecution(document, program, inputs);
        var reexecution = new ToldReexecution(local, terminal);
        if (!outputs.HasAll(Statement))
        {
            if (receipt.Verdict.Kind == VerdictKind.Failed) _findings.AddRange(await new OpenedProof(receipt, document, program, inputs, reexecution).RunAsync(cancellation));
            else Add("execution", FindingOutcome.NotDone, "nothing can be compared without the bytes that the worker committed to");
            return null;
        }

        terminal.Note($"Executing again, on this machine: {VerdictWords.Executed(receipt.Verdict.Blocks, receipt.Verdict.Sampled)} blocks");
        var verdict = await new ResultCheck(document, program, Statement, receipt.Seed, reexecution, outputs, inputs, receipt.Verdict.Sampled).RunAsync(cancellation);
        Add(
            "execution", IsSame(verdict, receipt.Verdict),
            $"this machine comes to the same verdict: {Brief(verdict)}", $"this machine comes to another verdict: {Brief(verdict)}; the receipt says: {Brief(receipt.Verdict)}");
        return verdict;
    }

    /// <summary>Whether two verdicts say the same, whatever they cost.</summary>
    private static bool IsSame(Verdict one, Verdict other) =>
        (one.Kind, one.Blocks, one.Sampled, one.Added, one.UnownedLeaves, one.ComparedLeaves, one.MismatchCount)
            == (other.Kind, other.Blocks, other.Sampled, other.Added, other.UnownedLeaves, other.ComparedLeaves, other.MismatchCount)
        && one.Mismatches.Select(Place).SequenceEqual(other.Mismatches.Select(Place));

    private static (BlockIndex?, string, long, string, string) Place(Mismatch mismatch) => (mismatch.Block, mismatch.Buffer, mismatch.Offset, mismatch.Committed, mismatch.Expected);

    private static string Brief(Verdict verdict)
    {
        var counts = $"{VerdictWords.Executed(verdict.Blocks, verdict.Sampled)} blocks and {verdict.Added} at corners, {verdict.ComparedLeaves} leaves compared";
        var wrong = verdict.MismatchCount > 0 ? $", {verdict.MismatchCount} wrong: {string.Join("; ", verdict.Mismatches.Take(1).Select(ReceiptWords.Place))}" : "";
        var reason = verdict.MismatchCount == 0 && verdict.Reason is { } text ? $": {text}" : "";
        return $"{verdict.Kind.ToString().ToLowerInvariant()}, {counts}{wrong}{reason}";
    }

    private bool Add(string name, bool holds, string yes, string no)
    {
        Add(name, holds ? FindingOutcome.Holds : FindingOutcome.Fails, holds ? yes : no);
        return holds;
    }

    private void Add(string name, FindingOutcome outcome, string says) => _findings.Add(new RedoneFinding(name, outcome, says));
}
