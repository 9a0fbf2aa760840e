using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Storage;

/// <summary>The open jobs that this program wrote last, as it wrote them.</summary>
/// <remarks>Safe for many threads. Another program may have changed a job since: the version tells, when it is written.</remarks>
internal sealed class RecentJobs
{
    private const int MostJobs = 4096;

    /// <summary>Jobs with greater documents are rare, and would take too much room.</summary>
    private const int MostDocumentBytes = 8192;

    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, LinkedListNode<StoredJob>> _nodes = [];
    private readonly LinkedList<StoredJob> _newestFirst = new();

    public StoredJob? Find(JobId id)
    {
        lock (_lock) return _nodes.TryGetValue(id, out var node) ? node.Value : null;
    }

    /// <summary>Remembers a job as it was just written.</summary>
    /// <param name="job">The job. One that has ended is forgotten: nobody changes it any more.</param>
    /// <param name="documentBytes">The length of its document.</param>
    public void Put(StoredJob job, int documentBytes)
    {
        lock (_lock)
        {
            Remove(job.Job.Id);
            if (job.Job.State.IsEnded() || documentBytes > MostDocumentBytes) return;
            _nodes[job.Job.Id] = _newestFirst.AddFirst(job);
            if (_nodes.Count > MostJobs) Remove(_newestFirst.Last!.Value.Job.Id);
        }
    }

    public void Forget(JobId id)
    {
        lock (_lock) Remove(id);
    }

    private void Remove(JobId id)
    {
        if (_nodes.Remove(id, out var node)) _newestFirst.Remove(node);
    }
}
