using System.Text.Json;
using Broker.Cli.Demo;
using Broker.Cli.Demo.References;
using Broker.Cli.Tests.Commands;
using Broker.Core.Documents;
using Broker.Core.Jobs;

namespace Broker.Cli.Tests.Demo;

public sealed class DemoResultTests
{
    [Fact]
    public void Each_job_has_its_verdict_and_what_it_leaves_possible_or_null()
    {
        var judged = Views.Job(JobState.Completed) with
        {
            Verdict = Views.Passed,
            Attempts = [Views.Attempt(1, AttemptState.Rejected), Views.Attempt(2, AttemptState.Accepted)],
        };
        var result = DemoResult.Of([.. new[] { judged, Views.Job(JobState.Completed) }.Select(job => DemoJobResult.Of(job, new CheckOutcome(true, "right"), 12.34))]);
        var json = JsonSerializer.SerializeToElement(result, BrokerJson.Options);
        Assert.Equal((true, 1), (json.GetProperty("passed").GetBoolean(), json.GetProperty("caughtCheats").GetInt32()));
        var jobs = json.GetProperty("jobs");
        Assert.Equal("passed", jobs[0].GetProperty("verdict").GetString());
        Assert.Equal(Views.Passed.MostWrong, jobs[0].GetProperty("fMax").GetDouble());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (jobs[1].GetProperty("verdict").ValueKind, jobs[1].GetProperty("fMax").ValueKind));
        Assert.Equal(12.3, jobs[0].GetProperty("storageOperations").GetDouble());
    }

    [Fact]
    public void One_wrong_result_fails_the_demo() =>
        Assert.False(DemoResult.Of([DemoJobResult.Of(Views.Job(JobState.Completed), new CheckOutcome(false, "wrong"), 1)]).Passed);
}
