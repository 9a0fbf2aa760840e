using System.Net;
using System.Net.Sockets;
using Broker.Core.Jobs;

namespace Broker.Cli.Tests.Commands;

public sealed class ExitCodeTests
{
    private static readonly string Show = $"GET /api/jobs/{Views.Id}";

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("kernels")]
    [InlineData("show")]
    [InlineData("show", "not-an-id")]
    [InlineData("jobs", "--state", "tired")]
    [InlineData("jobs", "--limit", "many")]
    [InlineData("jobs", "--since", "teatime")]
    [InlineData("offers", "--pool", "No Such Name")]
    [InlineData("up", "--workers", "17")]
    [InlineData("demo", "--verifiers", "17")]
    [InlineData("submit", "job.json", "--verify", "twice")]
    [InlineData("workers", "--url", "ftp://broker.example.com", "--key", FakeBroker.Key)]
    [InlineData("submit", "job.json", "--no-watch", "--output-dir", "results")]
    [InlineData("submit", "no-such-file.json")]
    [InlineData("submit", "no-such-file.ptx")]
    [InlineData("kernels", "build", "no-such-file.cu")]
    public async Task A_wrong_command_line_is_2_and_nothing_is_answered_on_stdout(params string[] args)
    {
        var run = (await CommandRun.RunAsync(args)).Ends(ExitCode.BadInput);
        if (args is not ["kernels"]) Assert.Equal("", run.Output);
    }

    [Theory]
    [InlineData("0123456789abcdef0123456", "a job id is 24 lower-case hex digits")]
    [InlineData("0123456789ABCDEF01234567", "a job id is 24 lower-case hex digits")]
    public async Task A_wrong_id_is_told_what_an_id_is(string id, string rule)
    {
        var run = (await CommandRun.RunAsync("cancel", id)).Ends(ExitCode.BadInput);
        Assert.Contains($"'{id}' is not valid: {rule}", run.Error, StringComparison.Ordinal);
        Assert.Contains("See `broker cancel --help`.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_broker_is_3_and_its_URL_and_a_remedy_are_named()
    {
        // Bound and not listening: nobody answers there, and nobody else can take the port meanwhile.
        using var silent = new Socket(SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndPoint!).Port}";

        var run = (await CommandRun.RunAsync("jobs", "--json", "--url", url, "--key", FakeBroker.Key)).Ends(ExitCode.Refused);
        Assert.StartsWith($"error: Cannot reach {url}: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("`broker up` starts one", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, ExitCode.Refused, "Check the key")]
    [InlineData(HttpStatusCode.Forbidden, ExitCode.Refused, "The key's account may not do this")]
    [InlineData(HttpStatusCode.NotFound, ExitCode.BadInput, "")]
    [InlineData(HttpStatusCode.BadRequest, ExitCode.BadInput, "")]
    [InlineData(HttpStatusCode.Conflict, ExitCode.Failed, "")]
    [InlineData(HttpStatusCode.InternalServerError, ExitCode.Refused, "")]
    public async Task A_refusal_has_its_code_and_is_told_in_the_brokers_words(HttpStatusCode status, ExitCode code, string remedy)
    {
        await using var broker = new FakeBroker().Refuse(Show, status, "some-problem", "that is why");
        var run = (await CommandRun.RunAsync(broker, "show", $"{Views.Id}")).Ends(code);
        Assert.StartsWith("error: The broker says no: that is why", run.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_web_server_is_3_and_the_URL_is_doubted()
    {
        await using var broker = new FakeBroker().AnswerBytes(Show, "<html>It works!</html>"u8.ToArray());
        var run = (await CommandRun.RunAsync(broker, "show", $"{Views.Id}")).Ends(ExitCode.Refused);
        Assert.Contains("check the URL", run.Error, StringComparison.Ordinal);
        Assert.Contains(broker.Url.Authority, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_that_comes_too_late_is_1()
    {
        await using var broker = new FakeBroker().Refuse($"POST /api/jobs/{Views.Id}/cancel", HttpStatusCode.Conflict, "too-late", "the job has ended");
        var run = (await CommandRun.RunAsync(broker, "cancel", $"{Views.Id}")).Ends(ExitCode.Failed);
        Assert.Contains("the job has ended", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_request_carries_the_key_and_done_is_0()
    {
        await using var broker = new FakeBroker().Answer($"POST /api/jobs/{Views.Id}/cancel", Views.Job(JobState.Cancelled));
        var run = (await CommandRun.RunAsync(broker, "cancel", $"{Views.Id}")).Ends(ExitCode.Ok);
        Assert.Equal($"Job {Views.Id} (saxpy) is cancelled. The whole story: broker show {Views.Id}{Environment.NewLine}", run.Output);
        Assert.Equal($"Bearer {FakeBroker.Key}", Assert.Single(broker.Received).Authorization);
    }

    [Fact]
    public async Task The_help_names_every_exit_code()
    {
        var run = await CommandRun.RunAsync("--help");
        run.Ends(ExitCode.Ok);
        foreach (var code in Enum.GetValues<ExitCode>())
            Assert.Matches($"(?m)^ *{(int)code} +[a-z]", run.Output);
    }
}
