using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;
using Broker.Storage;

namespace Broker.Functions.Checks;

/// <summary>Holds what a worker stored against what it signed, as far as this needs no execution.</summary>
public sealed class CommitmentCheck(OutputStore outputs)
{
    /// <summary>Finds why a commitment cannot stand: a part that is missing or has another length, a list of leaves with another root.</summary>
    /// <returns>Null where it stands, and where nothing of it will be verified.</returns>
    public async Task<string?> FindRefusalAsync(JobRecord job, AttemptId id, AttemptReport report, CancellationToken cancellation)
    {
        if (!job.IsVerified || report.Commitment is not { } commitment) return null;
        var run = new RunId(id, report.Run);
        var parts = await outputs.ListPartsAsync(run, cancellation);
        foreach (var buffer in commitment.Statement.Buffers)
        {
            for (var part = 0; part < OutputParts.Count(buffer.Bytes); part++)
            {
                var length = OutputParts.Length(buffer.Bytes, part);
                if (!parts.TryGetValue(OutputStore.PartName(buffer.Buffer, part), out var stored)) return $"part {part} of '{buffer.Buffer}' was not stored";
                if (stored != length) return $"part {part} of '{buffer.Buffer}' has {stored} bytes, not {length}";
            }

            if (await outputs.FindLeavesAsync(run, buffer.Buffer, buffer.Bytes, cancellation) is not { } leaves) return $"the list of the leaves of '{buffer.Buffer}' was not stored, or has another length";
            if (MerkleTree.Root(leaves.AsSpan()) != buffer.Root) return $"the list of the leaves of '{buffer.Buffer}' has another root than was signed";
        }

        return null;
    }
}
