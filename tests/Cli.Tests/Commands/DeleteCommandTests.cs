using System.Net;

namespace Broker.Cli.Tests.Commands;

public sealed class DeleteCommandTests
{
    private static readonly string Route = $"DELETE /api/jobs/{Views.Id}";

    [Fact]
    public async Task A_deleted_job_is_told_from_one_that_was_not_there()
    {
        await using var broker = new FakeBroker().AnswerBytes(Route, [], HttpStatusCode.NoContent).Refuse(Route, HttpStatusCode.NotFound, "not-found", "there is no job");
        Assert.Contains($"Job {Views.Id} is deleted.", (await CommandRun.RunAsync(broker, "delete", $"{Views.Id}")).Ends(ExitCode.Ok).Output, StringComparison.Ordinal);
        Assert.False(Assert.Single((await CommandRun.RunAsync(broker, "delete", $"{Views.Id}", "--json")).Ends(ExitCode.Ok).Json).GetProperty("deleted").GetBoolean());
    }

    [Fact]
    public async Task A_job_that_has_not_ended_is_1_and_says_what_to_do()
    {
        await using var broker = new FakeBroker().Refuse(Route, HttpStatusCode.Conflict, "conflict", "the job is running: cancel it first");
        Assert.Contains("cancel it first", (await CommandRun.RunAsync(broker, "delete", $"{Views.Id}")).Ends(ExitCode.Failed).Error, StringComparison.Ordinal);
    }
}
