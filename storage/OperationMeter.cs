using System.Collections.Concurrent;
using System.Collections.Immutable;
using Broker.Core.Ids;

namespace Broker.Storage;

/// <summary>Counts storage operations by kind and by the job that they were made for.</summary>
/// <remarks>
/// Work for a job runs inside <see cref="For"/>; what is made outside of any scope counts by kind alone.
/// Heartbeats and progress run inside <see cref="Uncounted"/>: they go on with time, not with jobs.
/// </remarks>
public sealed class OperationMeter
{
    /// <summary>How many jobs are remembered; the oldest make room.</summary>
    private const int MostJobs = 20_000;

    private readonly AsyncLocal<Scope?> _scope = new();
    private readonly ConcurrentDictionary<string, long> _kinds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<JobId, double> _jobs = new();
    private readonly ConcurrentQueue<JobId> _order = new();

    public ImmutableDictionary<string, long> Kinds => _kinds.ToImmutableDictionary();

    public ImmutableDictionary<JobId, double> Jobs => _jobs.ToImmutableDictionary();

    /// <summary>Counts what follows until the scope is disposed. Its jobs may be named later, and share what was counted.</summary>
    public Scope For(params ReadOnlySpan<JobId> jobs)
    {
        var scope = new Scope(this, _scope.Value, counts: true);
        scope.Share(jobs);
        _scope.Value = scope;
        return scope;
    }

    public Scope Uncounted()
    {
        var scope = new Scope(this, _scope.Value, counts: false);
        _scope.Value = scope;
        return scope;
    }

    /// <summary>Adds operations of a kind.</summary>
    public void Count(string kind)
    {
        if (_scope.Value is { Counts: false }) return;
        _kinds.AddOrUpdate(kind, 1, (_, count) => count + 1);
        _scope.Value?.Add(1);
    }

    private void Attribute(JobId job, double operations)
    {
        if (_jobs.TryAdd(job, 0))
        {
            _order.Enqueue(job);
            if (_order.Count > MostJobs && _order.TryDequeue(out var oldest)) _jobs.TryRemove(oldest, out _);
        }

        _jobs.AddOrUpdate(job, operations, (_, sum) => sum + operations);
    }

    /// <summary>A stretch of work whose operations belong together.</summary>
    public sealed class Scope : IDisposable
    {
        private readonly OperationMeter _meter;
        private readonly Scope? _outer;
        private readonly HashSet<JobId> _jobs = [];
        private double _operations;

        internal Scope(OperationMeter meter, Scope? outer, bool counts)
        {
            _meter = meter;
            _outer = outer;
            Counts = counts;
        }

        internal bool Counts { get; }

        /// <summary>Names jobs that share this scope's operations.</summary>
        public void Share(params ReadOnlySpan<JobId> jobs)
        {
            foreach (var job in jobs) _jobs.Add(job);
        }

        /// <summary>Adds operations that the meter did not see: another process's, or a share of what was made for several.</summary>
        public void Add(double operations)
        {
            lock (_jobs) _operations += operations;
        }

        public void Dispose()
        {
            _meter._scope.Value = _outer;
            foreach (var job in _jobs) _meter.Attribute(job, _operations / _jobs.Count);
        }
    }
}
