using Broker.Core.Ids;
using Broker.Storage;

namespace Broker.Functions.Jobs;

/// <summary>Wakes the requests of this process that wait for a job to change.</summary>
/// <remarks>Safe for many threads. A job has a bell only while someone waits for it.</remarks>
public sealed class JobBells : IDisposable
{
    /// <summary>A waiting request holds a connection and looks at the storage: one account must not take them all.</summary>
    public const int SeatsPerAccount = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, Bell> _bells = [];
    private readonly Dictionary<AccountId, int> _seats = [];
    private readonly JobStore _jobs;
    private readonly CancellationTokenRegistration _closing;

    public JobBells(JobStore jobs, IHostApplicationLifetime lifetime)
    {
        _jobs = jobs;
        _jobs.Changed += Ring;
        _closing = lifetime.ApplicationStopping.Register(Close);
    }

    /// <summary>Whether the program is stopping: nobody may hold it up by waiting.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Takes a seat where a job's bell is heard, until it is disposed.</summary>
    /// <returns>Null where the account has too many.</returns>
    public Seat? TrySit(AccountId account, JobId job)
    {
        lock (_lock)
        {
            var taken = _seats.GetValueOrDefault(account);
            if (taken >= SeatsPerAccount) return null;
            _seats[account] = taken + 1;
            if (!_bells.TryGetValue(job, out var bell)) _bells[job] = bell = new Bell();
            bell.Seats++;
            return new Seat(this, account, job, bell);
        }
    }

    public void Dispose()
    {
        _jobs.Changed -= Ring;
        _closing.Dispose();
    }

    private void Ring(JobId job)
    {
        lock (_lock)
        {
            if (_bells.TryGetValue(job, out var bell)) bell.Ring();
        }
    }

    private void Close()
    {
        lock (_lock)
        {
            IsClosed = true;
            foreach (var bell in _bells.Values) bell.Ring();
        }
    }

    private void Leave(AccountId account, JobId job, Bell bell)
    {
        lock (_lock)
        {
            if (--bell.Seats == 0) _bells.Remove(job);
            if (--_seats[account] == 0) _seats.Remove(account);
        }
    }

    /// <summary>A place where one request waits for one job.</summary>
    public sealed class Seat : IDisposable
    {
        private readonly JobBells _bells;
        private readonly AccountId _account;
        private readonly JobId _job;
        private readonly Bell _bell;

        internal Seat(JobBells bells, AccountId account, JobId job, Bell bell) => (_bells, _account, _job, _bell) = (bells, account, job, bell);

        /// <summary>Completes when the job changes next.</summary>
        public Task Rung => _bell.Rung;

        public void Dispose() => _bells.Leave(_account, _job, _bell);
    }

    internal sealed class Bell
    {
        private volatile TaskCompletionSource _rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Seats { get; set; }

        public Task Rung => _rung.Task;

        public void Ring()
        {
            var before = _rung;
            _rung = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            before.SetResult();
        }
    }
}
