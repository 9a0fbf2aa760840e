using System.Collections.Concurrent;
using System.Text;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;
using Broker.Storage;
using Broker.Verification;

namespace Broker.Functions.Jobs;

/// <summary>Classifies jobs: how far each can be verified.</summary>
/// <remarks>It reads the program, and runs nothing. What it has found once it remembers: equal launches have equal classes.</remarks>
public sealed class JobClasses(ContentStore content)
{
    private const int MostRemembered = 4096;
    private readonly ConcurrentDictionary<Digest, JobClass> _known = new();

    /// <summary>Finds the class of a resolved document.</summary>
    /// <param name="resolved">The document with the sizes of its buffers.</param>
    /// <param name="source">Its program as its author wrote it: reasons name the lines of this text.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task<JobClass> FindAsync(JobDocument resolved, ProgramSource source, CancellationToken cancellation)
    {
        var key = JobHash.Of(resolved with { Verification = null });
        if (_known.TryGetValue(key, out var known)) return known;
        var text = source.Ptx ?? Encoding.UTF8.GetString(await content.ReadAsync(source.Content!.Value, cancellation));
        var found = Classify(text, resolved);
        if (_known.Count >= MostRemembered) _known.Clear();
        _known[key] = found;
        return found;
    }

    private static JobClass Classify(string text, JobDocument document)
    {
        try
        {
            return JobClass.Of(Module.Parse(text), document);
        }
        catch (ArgumentException e)
        {
            // The launch fits the document's own limits, and not what the engine can look at.
            return new JobClass(KernelClass.Unverifiable, [new StepReason(0, new ClassReason(KernelClass.Unverifiable, 0, e.Message, "change the launch"))]);
        }
    }
}
