namespace Broker.Core.Ids;

/// <summary>Names one worker's try at one replica of a job: the fence that a late report meets.</summary>
/// <param name="Job">The job.</param>
/// <param name="Replica">The replica, from 0.</param>
/// <param name="Number">The attempt at this replica, from 1.</param>
public readonly record struct AttemptId(JobId Job, int Replica, int Number)
{
    public override string ToString() => $"{Job}/{Replica}/{Number}";
}
