using System.Text.RegularExpressions;
using Broker.Ptx.Audit;
using Broker.Ptx.Verify;

namespace Broker.Ptx.Tests.Hostile;

/// <summary>Does with a text all that the engine can do, within bounds, and fails where an outcome is none of those that are promised.</summary>
/// <remarks>How a text is launched depends on the text alone, so that each trial can be had again.</remarks>
internal sealed partial class Trial
{
    private const int MaxKernels = 3;

    // Much more than any real kernel takes; a text of some kilobytes that needs more has found a way to multiply.
    private const long MaxAllocatedBytes = 3L << 30;

    private readonly SortedSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Random _random;

    private Trial(string text) => _random = new Random(text.Aggregate(17, (hash, c) => unchecked(hash * 31 + c)));

    /// <summary>Tries a text, and gives what was seen: the kinds of errors, faults, findings and reasons, without their names and numbers.</summary>
    public static IReadOnlySet<string> Run(string text)
    {
        var trial = new Trial(text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        trial.Read(text);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < MaxAllocatedBytes, $"{allocated} bytes were allocated for a text of {text.Length} characters");
        return trial._seen;
    }

    private void Read(string text)
    {
        Module module;
        try
        {
            module = Module.Parse(text);
        }
        catch (PtxException e)
        {
            Assert.NotEmpty(e.Errors);
            Note(e.Errors, text);
            return;
        }

        var canonical = module.Canonicalise();
        Assert.Equal(canonical, Module.Parse(canonical.Text).Canonicalise());
        var refusals = module.CheckSupported();
        Note(refusals, text);
        if (refusals.Count > 0) return;
        foreach (var signature in module.Kernels.Take(MaxKernels)) new TrialLaunch(module, signature, _random, See).Run();
    }

    private void Note(IReadOnlyList<PtxError> errors, string text)
    {
        var lines = text.Count(c => c == '\n') + 1;
        foreach (var error in errors)
        {
            Assert.True(error.Line >= 1 && error.Line <= lines && error is { Column: > 0, Message.Length: > 0 }, error.ToString());
            See($"{error.Kind}: {error.Message}");
        }
    }

    private void See(string what) => _seen.Add(Particulars().Replace(what, "#"));

    [GeneratedRegex(@"'[^']*'|`[^`]*`|-?(0x)?[0-9][0-9a-f]*|U\+\w+|\b[A-Za-z_]\w*\.[\w.]+|\.[A-Za-z]\w*|%\w+")]
    private static partial Regex Particulars();
}

/// <summary>Is a launch of a kernel that may do anything, held against all that is promised of it.</summary>
internal sealed class TrialLaunch
{
    private const int StepBudget = 200_000, PrintedBytes = 4096;

    private static readonly Dim3[] Blocks = [new(1, 1, 1), new(40, 1, 1), new(32, 1, 1), new(16, 1, 1), new(5, 3, 2), new(8, 4, 1)];
    private static readonly Dim3[] Grids = [new(1, 1, 1), new(1, 1, 1), new(3, 1, 1), new(2, 2, 1)];
    private static readonly (string Name, int Bytes, bool Writable)[] Buffers = [("a", 4096, true), ("b", 256, false), ("c", 1024, true)];
    private static readonly ulong[] Addresses = FindAddresses();

    private readonly Module _module;
    private readonly CompiledKernel _kernel;
    private readonly Action<string> _see;
    private readonly KernelLaunch _launch;
    private readonly List<LaunchPointer> _pointers = [];
    private readonly byte[][] _contents;

    public TrialLaunch(Module module, KernelSignature signature, Random random, Action<string> see)
    {
        (_module, _see) = (module, see);
        _kernel = CompiledKernel.Compile(module, signature.Name);
        _contents = [.. Buffers.Select(b => Content(random, b.Bytes))];
        _launch = new KernelLaunch(
            Grids[random.Next(Grids.Length)], signature.RequiredThreads ?? Blocks[random.Next(Blocks.Length)], random.Next(2) * 256, Parameters(signature, random));
    }

    public void Run()
    {
        if (_kernel.CheckLaunch(_launch) is { } refusal)
        {
            _see($"launch: {refusal}");
            Assert.Throws<ArgumentException>(() => Classifier.Classify(_module, _kernel.Signature.Name, _launch, _pointers));
            return;
        }

        var found = Classifier.Classify(_module, _kernel.Signature.Name, _launch, _pointers);
        foreach (var reason in found.Reasons) _see($"{found.Class}: {reason.Cause}");
        var (scalar, before) = RunWith(1);
        var (lanes, after) = RunWith(16);
        if (Audit(found.Class == KernelClass.Exact) is not { } written) return;
        // Nothing in any block was open, so there is one result.
        Assert.Equal((LaunchStatus.Completed, LaunchStatus.Completed), (scalar.Status, lanes.Status));
        Assert.Equal(scalar.Steps, lanes.Steps);
        Assert.Equal(before, after);
        foreach (var (content, index) in written.Select((content, index) => (content, index))) Assert.Equal(content, before[index]);
    }

    private (LaunchOutcome Outcome, List<byte[]> Contents) RunWith(int lanes)
    {
        using var memory = new DeviceMemory();
        var buffers = Buffers.Select(b => memory.Allocate(b.Name, b.Bytes, b.Writable)).ToList();
        foreach (var (buffer, content) in buffers.Zip(_contents)) buffer.Write(0, content);
        var printed = 0;
        var options = new RunOptions { MaxThreads = 1, Lanes = lanes, StepBudgetPerBlock = StepBudget, PrintedBytes = PrintedBytes, Printed = line => printed += line.Length };
        var outcome = _kernel.Run(_launch, memory, options, CancellationToken.None);
        Assert.True(printed <= 4 * PrintedBytes);
        Check(outcome);
        Assert.Equal(_contents[1], buffers[1].Span(0, Buffers[1].Bytes).ToArray());
        return (outcome, [.. buffers.Select(b => b.Span(0, (int)b.Bytes).ToArray())]);
    }

    private void Check(LaunchOutcome outcome)
    {
        Assert.NotEqual(LaunchStatus.Cancelled, outcome.Status);
        Assert.InRange(outcome.Steps, 0, (StepBudget + 65536L) * (long)_launch.Grid.Count);
        Assert.Equal(outcome.Status == LaunchStatus.Faulted, outcome.Fault is not null);
        if (outcome.Fault is not { } fault) return;
        Assert.True(fault is { Line: > 0, Message.Length: > 0 } && fault.Block.X < _launch.Grid.X && fault.Thread.X < _launch.Block.X, fault.ToString());
        _see($"{fault.Kind}: {fault.Message}");
    }

    /// <summary>Gives what the buffers hold once every block has run alone, or null where something is open or one block may see another.</summary>
    private List<byte[]>? Audit(bool exact)
    {
        if (!exact && _launch.Grid.Count > 1) return null;
        var map = exact ? WriteMap.Find(_module, _kernel.Signature.Name, _launch, _pointers) : null;
        using var memory = new AuditMemory();
        foreach (var ((name, bytes, writable), content) in Buffers.Zip(_contents)) memory.Allocate(name, bytes, writable, new Held(content));
        var contents = _contents.Select(c => c.ToArray()).ToList();
        for (var block = 0ul; block < _launch.Grid.Count; block++)
        {
            var audit = _kernel.Audit(_launch, memory, _launch.Grid.At(block), tracks: true, new RunOptions { StepBudgetPerBlock = StepBudget }, CancellationToken.None);
            foreach (var finding in audit.Findings) _see($"{finding.Kind}: {finding.Message}");
            if (audit.Status != AuditStatus.Completed) return null;
            foreach (var write in audit.Writes.Where(w => Buffers.Any(b => b.Name == w.Buffer)))
            {
                if (map is not null && !map.RangesOf(audit.Block, write.Buffer).Any(r => r.Start <= write.Start && write.Start + write.Bytes.Length <= r.End))
                    Assert.Fail($"block {audit.Block} of {_launch} writes {write.Bytes.Length} bytes at {write.Start} of {write.Buffer}, but owns {string.Join(", ", map.RangesOf(audit.Block, write.Buffer))}; pointers: {string.Join(", ", _pointers)}");
                write.Bytes.Span.CopyTo(contents[Array.FindIndex(Buffers, b => b.Name == write.Buffer)].AsSpan((int)write.Start));
            }
        }

        return contents;
    }

    private byte[] Parameters(KernelSignature signature, Random random)
    {
        var parameters = new byte[signature.PackedBytes];
        foreach (var (parameter, index) in signature.Parameters.Select((p, i) => (p, i)))
        {
            var place = parameters.AsSpan(parameter.Offset, parameter.Bytes);
            if (parameter.Bytes == 8 && random.Next(8) > 0)
            {
                var (buffer, start) = (index % Buffers.Length, random.Next(4) == 0 ? random.Next(64) * 4 : 0);
                BitConverter.TryWriteBytes(place, Addresses[buffer] + (ulong)start);
                _pointers.Add(new LaunchPointer(parameter.Offset, new LaunchBuffer(Buffers[buffer].Name, Buffers[buffer].Bytes, Buffers[buffer].Writable), start));
            }
            else if (place.Length > 0) place[0] = (byte)random.Next(200);
        }

        return parameters;
    }

    private static ulong[] FindAddresses()
    {
        using var memory = new DeviceMemory();
        return [.. Buffers.Select(b => memory.Allocate(b.Name, b.Bytes, b.Writable).Address)];
    }

    private static byte[] Content(Random random, int bytes)
    {
        var content = new byte[bytes];
        random.NextBytes(content);
        for (var word = 0; word < bytes; word += 8) BitConverter.TryWriteBytes(content.AsSpan(word), random.Next(100));
        return content;
    }

    private sealed class Held(byte[] content) : IBufferContent
    {
        public void Read(long offset, Span<byte> destination) => content.AsSpan((int)offset, destination.Length).CopyTo(destination);
    }
}
