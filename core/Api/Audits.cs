using Broker.Core.Ids;
using Broker.Core.Jobs;

namespace Broker.Core.Api;

/// <summary>A job that has ended, and where its own row says that its history ended.</summary>
/// <param name="Id">The job.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="State">How it ended.</param>
/// <param name="Events">How many events its history has.</param>
/// <param name="LastEventHash">The hash of the last of them.</param>
/// <param name="EndedAt">When it ended.</param>
public sealed record AuditJob(JobId Id, AccountId Account, JobState State, int Events, string LastEventHash, DateTimeOffset EndedAt);
