using Broker.Core.Ids;
using CsCheck;

namespace Broker.Core.Tests.Ids;

public class DerivedIdTests
{
    // A change of these would give every repeated request a second job, and every worker that registers again a second queue.
    [Fact]
    public void A_derived_id_stays_what_it_is()
    {
        Assert.Equal(JobVector, JobId.Derive(AccountId.Parse("alice"), "key").ToString());
        Assert.Equal(WorkerVector, WorkerId.Derive(AccountId.Parse("alice"), "key").ToString());
    }

    [Fact]
    public void The_parts_of_a_derived_id_do_not_run_into_each_other()
    {
        Assert.NotEqual(JobId.Derive(AccountId.Parse("abc"), "dkey"), JobId.Derive(AccountId.Parse("abcd"), "key"));
        Assert.NotEqual(JobId.Derive(AccountId.Parse("abc"), "3:abc"), JobId.Derive(AccountId.Parse("abc"), "abc"));
    }

    [Fact]
    public void A_job_and_a_worker_of_the_same_parts_have_unrelated_ids() =>
        Assert.NotEqual(JobId.Derive(Feasible.Submitter, "x").ToString()[..16], WorkerId.Derive(Feasible.Submitter, "x").ToString());

    [Fact]
    public void Equal_parts_give_equal_valid_ids_and_others_give_others() =>
        Gen.Select(Gen.String, Gen.String).Sample((one, other) =>
        {
            var id = JobId.Derive(Feasible.Submitter, one);
            Assert.Equal(id, JobId.Derive(Feasible.Submitter, one));
            Assert.Equal(id, JobId.Parse(id.ToString()));
            Assert.Equal(one == other, id == JobId.Derive(Feasible.Submitter, other));
        }, iter: 500);

    // printf '3:job5:alice3:key' | sha256sum, and '6:worker5:alice3:key'.
    private const string JobVector = "27ab895675ebeaea36b60b58";
    private const string WorkerVector = "a1fec2fa9b31376e";
}
