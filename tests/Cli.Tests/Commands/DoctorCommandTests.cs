using System.Net;
using System.Text.Json;
using Broker.Cli.Connection;
using Broker.Cli.Doctor;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Cli.Tests.Commands;

[Collection(nameof(AloneWithTheLogin))]
public sealed class DoctorCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broker-doctor-tests-").FullName;

    [Fact]
    public async Task A_broker_that_answers_and_knows_the_key_is_told_with_the_accounts_roles()
    {
        await using var broker = Healthy().Answer("GET /api/accounts/me", new AccountView(AccountId.Parse("alice"), "alice", [Role.Submitter]));
        var run = (await CommandRun.RunAsync(broker, "doctor")).Ends(ExitCode.Ok);
        Assert.Matches("(?m)^ok +broker +version 7 answers", run.Output);
        Assert.Matches(@"(?m)^ok +account +alice \(submitter\)", run.Output);
        Assert.Matches("(?m)^ok +clock ", run.Output);
        Assert.Contains("Next: broker submit --help", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_refused_is_wrong_and_another_login_is_advised()
    {
        await using var broker = Healthy().Refuse("GET /api/accounts/me", HttpStatusCode.Unauthorized, "unknown-key", "the key is not known");
        var run = (await CommandRun.RunAsync(broker, "doctor")).Ends(ExitCode.Environment);
        Assert.Matches("(?m)^wrong +account .*the key is not known.*broker login --url URL --key KEY", run.Output);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_leaves_the_rest_unknown()
    {
        var checks = await ChecksAsync(ExitCode.Environment, "doctor", "--url", "http://127.0.0.1:9", "--key", FakeBroker.Key);
        Assert.Equal(("missing", "unknown", "unknown"), (checks["broker"], checks["account"], checks["clock"]));
    }

    [Fact]
    public async Task Nobody_must_be_logged_in_but_a_damaged_login_is_wrong()
    {
        Assert.Equal("missing", (await ChecksAsync(ExitCode.Ok, "doctor"))["login"]);
        await File.WriteAllTextAsync(StoredLogin.FilePath, "{", TestContext.Current.CancellationToken);
        Assert.Equal("wrong", (await ChecksAsync(ExitCode.Environment, "doctor"))["login"]);
    }

    [Fact]
    public async Task Where_there_are_no_programs_each_is_missing_with_its_remedy()
    {
        var run = (await CommandProcess.RunAsync(new Dictionary<string, string> { ["PATH"] = _folder, ["BROKER_EMULATOR_FOLDER"] = _folder }, "doctor")).Ends(ExitCode.Environment);
        Assert.Matches(@"(?m)^missing +node +Node\.js was not found.*install Node\.js 20", run.Output);
        Assert.Matches("(?m)^missing +npm ", run.Output);
        Assert.Matches("(?m)^missing +emulator .*`broker up`", run.Output);
        Assert.Matches("(?m)^missing +clang .*Install clang 19", run.Output);
    }

    [Fact]
    public async Task A_clang_that_makes_no_PTX_is_wrong_but_nothing_is_broken_by_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-in for clang is a script");
        var clang = Path.Combine(_folder, "clang++");
        await File.WriteAllTextAsync(
            clang, "#!/bin/sh\nif [ \"$1\" = --version ]; then echo clang version 19.1.0; else echo 'No available targets are compatible' >&2; exit 1; fi\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(clang, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var run = (await CommandProcess.RunAsync(new Dictionary<string, string> { ["BROKER_CLANG"] = clang }, "doctor")).Ends(ExitCode.Ok);
        Assert.Matches("(?m)^wrong +clang .*built without NVPTX", run.Output);
    }

    [Theory]
    [InlineData(5, "ok", "less than 5 s")]
    [InlineData(-5, "ok", "less than 5 s")]
    [InlineData(6, "wrong", "6 s ahead of the broker's")]
    [InlineData(-90, "wrong", "90 s behind the broker's")]
    public void Clocks_that_differ_are_told_which_way(int seconds, string state, string text)
    {
        var finding = BrokerChecks.Compare(theirs: Views.Noon, ours: Views.Noon.AddSeconds(seconds));
        Assert.Equal(state, finding.State.ToString().ToLowerInvariant());
        Assert.Contains(text, finding.Text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        File.Delete(StoredLogin.FilePath);
        Directory.Delete(_folder, recursive: true);
    }

    private static FakeBroker Healthy() => new FakeBroker().Answer("GET /api/health", new Health("ok", "7", "self", "ok"));

    private static async Task<Dictionary<string, string>> ChecksAsync(ExitCode code, params string[] args)
    {
        JsonElement report = Assert.Single((await CommandRun.RunAsync([.. args, "--json"])).Ends(code).Json);
        Assert.Equal(code == ExitCode.Ok, report.GetProperty("ok").GetBoolean());
        return report.GetProperty("checks").EnumerateArray().ToDictionary(check => check.GetProperty("name").GetString()!, check => check.GetProperty("state").GetString()!);
    }
}
