using System.Collections.Immutable;
using System.Text;
using Broker.Core.Api;
using Broker.Core.Documents;

namespace Broker.Core.Jobs;

/// <summary>Holds a worker's report against the job's document.</summary>
public static class ReportCheck
{
    private const int ReasonLength = 2000;
    private const int ExecutorLength = 100;

    /// <summary>A run stores at most so many parts, and makes a few operations more.</summary>
    private const int StorageOperations = 1_000_000;

    /// <summary>Finds what a report must not say: outputs of other names or lengths, a fault that is missing, texts without end.</summary>
    public static ImmutableArray<DocumentError> Check(JobDocument document, AttemptReport report)
    {
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        if (report.Outcome == RunOutcome.Completed) CheckOutputs(document, report, errors);
        if (report.Outcome == RunOutcome.Faulted && report.Fault is null) errors.Add(new DocumentError("$.fault", "is missing: what did the kernel do?"));
        if (report.Reason?.Length > ReasonLength) errors.Add(new DocumentError("$.reason", $"may have {ReasonLength} characters"));
        if (report.Log is { } log && Encoding.UTF8.GetByteCount(log) > RunLogs.ReportBytes)
            errors.Add(new DocumentError("$.log", $"may have {RunLogs.ReportBytes} bytes: a longer one is stored where the order says"));
        if (report.Fault is { } fault && fault.Message.Length + fault.Kind.Length > ReasonLength)
            errors.Add(new DocumentError("$.fault", $"may have {ReasonLength} characters"));
        if (report.Usage is { } usage && (!double.IsFinite(usage.Seconds) || usage.Seconds < 0 || usage.Executor.Length > ExecutorLength))
            errors.Add(new DocumentError("$.usage", $"seconds must be a time, and executor may have {ExecutorLength} characters"));
        if (report.Usage is { } counted && (counted.Steps < 0 || counted.StorageOperations is < 0 or > StorageOperations))
            errors.Add(new DocumentError("$.usage", $"steps must be 0 or more, and storageOperations from 0 to {StorageOperations}"));
        return errors.ToImmutable();
    }

    private static void CheckOutputs(JobDocument document, AttemptReport report, ImmutableArray<DocumentError>.Builder errors)
    {
        if (report.Outputs.Length > JobLimits.Buffers)
        {
            errors.Add(new DocumentError("$.outputs", $"has {report.Outputs.Length} items; at most {JobLimits.Buffers} are allowed"));
            return;
        }

        var expected = document.Buffers.Where(buffer => buffer.IsResult).ToDictionary(buffer => buffer.Name, buffer => buffer.Bytes);
        for (var i = 0; i < report.Outputs.Length; i++)
        {
            var output = report.Outputs[i];
            // JSON may say null where an item should be: the serializer does not look into arrays.
            if (output is null)
            {
                errors.Add(new DocumentError($"$.outputs[{i}]", "is missing"));
                continue;
            }

            if (!expected.Remove(output.Buffer, out var bytes))
                errors.Add(new DocumentError($"$.outputs[{i}].buffer", $"'{output.Buffer}' is no result of this job, or stands twice"));
            else if (output.Bytes != bytes || output.Parts != OutputParts.Count(bytes))
                errors.Add(new DocumentError($"$.outputs[{i}]", $"'{output.Buffer}' has {bytes} bytes in {OutputParts.Count(bytes)} parts"));
        }

        foreach (var missing in expected.Keys) errors.Add(new DocumentError("$.outputs", $"'{missing}' is missing"));
    }
}
