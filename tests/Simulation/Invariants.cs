using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;
using Broker.Simulation.Memory;
using Broker.Storage.Rows;

namespace Broker.Simulation;

/// <summary>What must hold after every single write, and what must hold at the end.</summary>
/// <remarks>It reads the rows as they are stored, and remembers of each job only what the checks need.</remarks>
internal sealed class Invariants
{
    private readonly Dictionary<string, JobShadow> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _holders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _sold = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _slots;
    private readonly MemoryTables _tables;
    private readonly MemoryBlobs _blobs;

    public Invariants(StorageAccount account, IEnumerable<WorkerModel> workers)
    {
        (_tables, _blobs) = (account.Tables, account.Blobs);
        _slots = workers.DistinctBy(worker => worker.Id).ToDictionary(worker => worker.Id.ToString(), worker => worker.Slots);
        _tables.Committed += Check;
    }

    public int Ended { get; private set; }

    public int Submitted => _jobs.Count;

    public long Attempts { get; private set; }

    /// <summary>Rows of the pool that are about jobs.</summary>
    public int Rows { get; private set; }

    public IEnumerable<JobState> States => _jobs.Values.Select(job => job.State);

    public IEnumerable<(string State, int Count)> Ends => States.GroupBy(state => state).Select(group => (group.Key.ToString(), group.Count()));

    public IEnumerable<string> Open => _jobs.Where(job => !job.Value.State.IsEnded()).Select(job => job.Key);

    /// <summary>All that the tables say of a job.</summary>
    public string Describe(string job)
    {
        var rows = _tables.Scan("jobs", job).Select(row => Describe("jobs", row))
            .Concat(_tables.Scan("pools", PoolName.Default.ToString()).Where(row => row.Key.Contains(job, StringComparison.Ordinal)).Select(row => Describe("pools", row)));
        return string.Join("\n  ", rows.Prepend($"job {job}"));

        static string Describe(string table, KeyValuePair<string, MemoryRow> row) =>
            $"{table} {row.Key}: {string.Join(", ", row.Value.Values.Where(value => value.Key != "document").Select(value => $"{value.Key} {value.Value}"))}";
    }

    /// <summary>Nothing is left of jobs that have ended, and every listing says how they ended.</summary>
    public void CheckEnd()
    {
        foreach (var (key, _) in _tables.Scan("pools", PoolName.Default.ToString()))
        {
            if (!key.StartsWith(PoolRows.Offer, StringComparison.Ordinal)) throw new SimulationException($"every job has ended, and the pool still holds {key}");
        }

        var lines = _tables.Scan("accounts", Tests.Make.Submitter.ToString()).ToDictionary(
            line => line.Key[(line.Key.LastIndexOf(':') + 1)..], line => (string)line.Value.Values["state"]);
        foreach (var (job, shadow) in _jobs)
        {
            if (!lines.TryGetValue(job, out var state) || state != shadow.State.ToString())
                throw new SimulationException($"job {job} is {shadow.State}, and its account's line says {state ?? "nothing"}");
            if (shadow.State == JobState.Completed) CheckBlobs(job);
        }
    }

    /// <summary>What the run that counts has stored is there.</summary>
    private void CheckBlobs(string job)
    {
        var attempts = _tables.Scan("jobs", job).Where(row => row.Key.StartsWith(JobRows.AttemptPrefix, StringComparison.Ordinal))
            .Select(row => row.Value.Read().Read<AttemptRecord>()).ToList();
        foreach (var judged in attempts.Where(attempt => attempt is { Verdict: not null, Commitment: not null }))
        {
            if (_blobs.Find($"receipts/{job}/{judged.Replica}-{judged.Number}") is null) throw new SimulationException($"attempt {judged.Number} of job {job} was judged, and has no receipt");
        }

        var attempt = attempts.Single(attempt => attempt.State is AttemptState.Accepted or AttemptState.Inconclusive);
        var folder = $"{job}/{attempt.Replica}-{attempt.Number}/{attempt.Run}";
        foreach (var blob in (string[])[$"outputs/{folder}/out/0000", $"logs/{folder}"])
        {
            if (_blobs.Find(blob) is null) throw new SimulationException($"job {job} is completed, and there is no {blob}");
        }
    }

    private void Check(IReadOnlyList<RowChange> changes)
    {
        IEnumerable<string> touched = changes[0].Table switch
        {
            "jobs" => NoteJob(changes),
            "pools" => NotePool(changes),
            _ => [],
        };
        foreach (var job in touched) CheckPlace(job);
    }

    private IEnumerable<string> NoteJob(IReadOnlyList<RowChange> changes)
    {
        var id = changes[0].Partition;
        var row = changes.FirstOrDefault(change => change.Row == JobRows.Job)?.After;
        if (row is null) return [];
        if (!_jobs.TryGetValue(id, out var job)) _jobs[id] = job = new JobShadow();
        var state = Enum.Parse<JobState>((string)row.Values["state"]);
        if (job.State.IsEnded() && state != job.State) throw new SimulationException($"job {id} was {job.State} and became {state}");
        if (!job.State.IsEnded() && state.IsEnded()) Ended++;
        job.State = state;
        job.IsVerified = row.Read().GetBinary("document").AsSpan().IndexOf("sample"u8) >= 0;
        foreach (var change in changes)
        {
            if (change.Row.StartsWith(JobRows.EventPrefix, StringComparison.Ordinal)) NoteEvent(id, job, change.After!);
            if (change.Row.StartsWith(JobRows.AttemptPrefix, StringComparison.Ordinal)) NoteAttempt(id, job, change);
        }

        return [id];
    }

    private static void NoteEvent(string id, JobShadow job, MemoryRow row)
    {
        var entry = row.Read().Read<JobEvent>();
        if (entry.Number != job.Events + 1 || entry.PreviousHash != job.LastHash || entry.Hash != entry.ComputeHash(JobId.Parse(id)))
            throw new SimulationException($"event {entry.Number} of job {id} does not follow event {job.Events}");
        if (job.HasEnd) throw new SimulationException($"job {id} has an event after its end: {entry.Kind}");
        job.HasEnd = entry.Kind.EndsJob();
        job.Events = entry.Number;
        job.LastHash = entry.Hash;
    }

    private void NoteAttempt(string id, JobShadow job, RowChange change)
    {
        if (change.Before is null) Attempts++;
        var state = Enum.Parse<AttemptState>((string)change.After!.Values["state"]);
        if (state == AttemptState.Accepted && job.IsVerified && change.After!.Read().Read<AttemptRecord>() is { Fault: null, Verdict: not { Kind: VerdictKind.Passed } })
            throw new SimulationException($"{change.Row} of job {id} is accepted, and no verifier said so");
        if (state == AttemptState.Accepted && !job.Accepted.Add(change.Row) && job.Accepted.Count > 1)
            throw new SimulationException($"job {id} has two accepted attempts");
        var key = PoolRows.Held + id + ":" + string.Join(':', change.Row[JobRows.AttemptPrefix.Length..].Split('-').Select(int.Parse));
        if (state.IsLive() && _tables.Find("pools", PoolName.Default.ToString(), key) is null)
            throw new SimulationException($"{change.Row} of job {id} is {state} and holds no slot");
        if (state.IsLive())
        {
            job.Live.Add(change.Row);
        }
        else
        {
            job.Live.Remove(change.Row);
            job.Over.Add(key);
            Free(key);
        }

        if (job.Live.Count > 1) throw new SimulationException($"job {id} has two live attempts");
    }

    private IEnumerable<string> NotePool(IReadOnlyList<RowChange> changes)
    {
        var touched = new HashSet<string>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            if (change.Row.StartsWith(PoolRows.Offer, StringComparison.Ordinal)) continue;
            Rows += (change.After is null ? 0 : 1) - (change.Before is null ? 0 : 1);
            touched.Add(change.Row.StartsWith(PoolRows.Waiting, StringComparison.Ordinal) ? change.Row.Split(':')[2] : change.Row.Split(':')[1]);
            if (change.Row.StartsWith(PoolRows.Held, StringComparison.Ordinal)) NoteSlot(change);
        }

        return touched;
    }

    /// <summary>A slot is sold from its row on until its attempt is over, or the row is gone. A row that a late write brings back sells nothing.</summary>
    private void NoteSlot(RowChange change)
    {
        if (change.After is null)
        {
            Free(change.Row);
            return;
        }

        if (_jobs.TryGetValue(change.Row.Split(':')[1], out var job) && job.Over.Contains(change.Row)) return;
        var worker = change.After.Read().Read<HeldSlot>().Worker.ToString();
        if (!_holders.TryAdd(change.Row, worker)) return;
        _sold[worker] = _sold.GetValueOrDefault(worker) + 1;
        if (_sold[worker] > _slots[worker]) throw new SimulationException($"worker {worker} has {_slots[worker]} slots, and {_sold[worker]} are sold");
    }

    private void Free(string held)
    {
        if (_holders.Remove(held, out var holder)) _sold[holder]--;
    }

    /// <summary>A job that has not ended has a row in its pool: without one, no sweep would ever look at it.</summary>
    private void CheckPlace(string id)
    {
        if (!_jobs.TryGetValue(id, out var job) || job.State.IsEnded()) return;
        var rows = _tables.Scan("pools", PoolName.Default.ToString());
        if (!rows.Any(row => !row.Key.StartsWith(PoolRows.Offer, StringComparison.Ordinal) && row.Key.Contains(id, StringComparison.Ordinal)))
            throw new SimulationException($"job {id} is {job.State} and no row of its pool says so");
    }

    private sealed class JobShadow
    {
        public JobState State { get; set; }

        public int Events { get; set; }

        public string LastHash { get; set; } = "";

        public bool HasEnd { get; set; }

        public bool IsVerified { get; set; }

        public HashSet<string> Accepted { get; } = [];

        public HashSet<string> Live { get; } = [];

        /// <summary>The slots of attempts that are over.</summary>
        public HashSet<string> Over { get; } = [];
    }
}
