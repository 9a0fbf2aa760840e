using System.Net;
using System.Text;
using Broker.Core.Api;

namespace Broker.Functions.Tests;

public sealed class LogRouteTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_log_is_read_attempt_by_attempt_by_its_account_alone()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var worker = await ApiWorker.StartAsync(api, "read");
        var job = await api.SubmitAsync(key, worker.Pool);
        var order = await worker.BeginAsync(key, job.Id);
        Assert.Equal("attempt 0/1 on worker of read: started\nits log comes when its run has ended\n", await ReadAsync(key, job));

        await worker.CompleteAsync(key, order, "one line\nand another"u8.ToArray());
        Assert.Equal("attempt 0/1 on worker of read: accepted\nrun run00001\none line\nand another\n", await ReadAsync(key, job));
        (await api.SendAsync($"GET /api/jobs/{job.Id}/log", await api.MakeAccountAsync(Role.Submitter))).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_short_log_that_came_with_its_report_is_read_like_any_other_and_goes_with_its_job()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var worker = await ApiWorker.StartAsync(api, "short");
        var job = await api.SubmitAsync(key, worker.Pool);
        await worker.CompleteAsync(key, await worker.BeginAsync(key, job.Id), log: null, reported: "a line\nand \u0001 more");
        Assert.Equal("attempt 0/1 on worker of short: accepted\nrun run00001\na line\nand \u0001 more\n", await ReadAsync(key, job));
        (await api.SendAsync($"DELETE /api/jobs/{job.Id}", key)).Is(HttpStatusCode.NoContent);
        (await api.SendAsync($"GET /api/jobs/{job.Id}/log", key)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_log_that_is_longer_than_a_worker_may_write_is_cut()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var worker = await ApiWorker.StartAsync(api, "long");
        var job = await api.SubmitAsync(key, worker.Pool);
        var order = await worker.BeginAsync(key, job.Id);
        await worker.CompleteAsync(key, order, Encoding.UTF8.GetBytes(new string('x', RunLogs.Bytes + 5)));
        var lines = (await ReadAsync(key, job)).Split('\n');
        Assert.Equal(RunLogs.Bytes, lines[2].Length);
        Assert.Equal($"cut: the log of this run has {RunLogs.Bytes + 5} bytes, more than {RunLogs.Bytes}", lines[3]);
    }

    [Fact]
    public async Task The_log_of_a_job_that_waits_and_an_empty_log_are_empty()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        Assert.Equal("", await ReadAsync(key, await api.SubmitAsync(key)));
        var worker = await ApiWorker.StartAsync(api, "empty");
        var job = await api.SubmitAsync(key, worker.Pool);
        await worker.CompleteAsync(key, await worker.BeginAsync(key, job.Id), []);
        Assert.Equal("attempt 0/1 on worker of empty: accepted\nrun run00001\n", await ReadAsync(key, job));
    }

    private async Task<string> ReadAsync(string key, JobView job)
    {
        var answer = (await api.SendAsync($"GET /api/jobs/{job.Id}/log", key)).Is(HttpStatusCode.OK);
        Assert.Equal("text/plain", answer.Type);
        return answer.Text;
    }
}
