using System.Net;
using System.Text;
using System.Text.Json;
using Broker.Core.Api;
using Broker.Core.Ids;

namespace Broker.Functions.Tests;

public sealed class DeletionTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_job_that_has_ended_is_deleted_with_all_that_it_left()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var worker = await ApiWorker.StartAsync(api, "delete");
        var job = await api.SubmitAsync(key, worker.Pool);
        var order = await worker.BeginAsync(key, job.Id);
        var running = await api.SendAsync($"DELETE /api/jobs/{job.Id}", key);
        Assert.Equal($"the job is running: cancel it first with POST /api/jobs/{job.Id}/cancel, or wait for its end", running.IsProblem(HttpStatusCode.Conflict));

        await worker.CompleteAsync(key, order, "log"u8.ToArray());
        var output = (await api.SendAsync($"GET /api/jobs/{job.Id}/outputs/out", key)).Is(HttpStatusCode.OK).Read<OutputView>().Parts.Single().Url;
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(output));
        (await api.SendAsync($"DELETE /api/jobs/{job.Id}", await api.MakeAccountAsync(Role.Submitter))).IsProblem(HttpStatusCode.NotFound);
        (await api.SendAsync($"DELETE /api/jobs/{job.Id}", key)).Is(HttpStatusCode.NoContent);

        foreach (var route in (string[])["", "/events", "/log", "/outputs"])
            (await api.SendAsync($"GET /api/jobs/{job.Id}{route}", key)).IsProblem(HttpStatusCode.NotFound);
        Assert.Empty((await api.SendAsync("GET /api/jobs", key)).Read<Page<JobSummary>>().Items);
        Assert.Equal(HttpStatusCode.NotFound, await StatusOfAsync(output));
        (await api.SendAsync($"DELETE /api/jobs/{job.Id}", key)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Content_is_deleted_unless_a_job_still_needs_it()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var hash = ContentHash.Of("input"u8);
        (await api.SendAsync($"PUT /api/content/{hash.Hex}", key, "input")).Is(HttpStatusCode.Created);
        var document = ApiFixture.Document("content").Replace("\"buffers\": {", $"\"buffers\": {{ \"in\": {{ \"role\": \"input\", \"content\": \"{hash}\" }},", StringComparison.Ordinal);
        var job = (await api.SendAsync("POST /api/jobs", key, document)).Is(HttpStatusCode.Created).Read<JobView>();

        var needed = (await api.SendAsync($"DELETE /api/content/{hash.Hex}", key)).IsProblem(HttpStatusCode.Conflict);
        Assert.StartsWith($"job {job.Id}, which has not ended, needs it: ", needed, StringComparison.Ordinal);
        (await api.SendAsync($"DELETE /api/content/{hash.Hex}", await api.MakeAccountAsync(Role.Submitter))).IsProblem(HttpStatusCode.NotFound);
        (await api.SendAsync($"POST /api/jobs/{job.Id}/cancel", key, "")).Is(HttpStatusCode.OK);
        (await api.SendAsync($"DELETE /api/content/{hash.Hex}", key)).Is(HttpStatusCode.NoContent);
        (await api.SendAsync($"GET /api/content/{hash.Hex}", key)).IsProblem(HttpStatusCode.NotFound);
        (await api.SendAsync($"DELETE /api/content/{hash.Hex}", key)).IsProblem(HttpStatusCode.NotFound);
        (await api.SendAsync($"PUT /api/content/{hash.Hex}", key, "input")).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_program_whose_canonical_form_was_deleted_can_be_submitted_again()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var job = await api.SubmitAsync(key);
        (await api.SendAsync($"POST /api/jobs/{job.Id}/cancel", key, "")).Is(HttpStatusCode.OK);
        var program = ContentHash.Parse(job.Document!.Value.GetProperty("program").GetProperty("content").GetString()!);
        (await api.SendAsync($"DELETE /api/content/{program.Hex}", key)).Is(HttpStatusCode.NoContent);
        var worker = await ApiWorker.StartAsync(api, "again");
        var order = await worker.BeginAsync(key, (await api.SubmitAsync(key, worker.Pool)).Id);
        using var http = new HttpClient();
        Assert.Contains("fill", Encoding.UTF8.GetString(await http.GetByteArrayAsync(order.Contents.Single().Url, TestContext.Current.CancellationToken)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_was_deleted_is_unknown_until_it_is_uploaded_again()
    {
        var key = await api.MakeAccountAsync(Role.Submitter);
        var hash = ContentHash.Of(Encoding.UTF8.GetBytes(ApiFixture.Ptx));
        var document = ApiFixture.Document("content").Replace($"\"ptx\": {JsonSerializer.Serialize(ApiFixture.Ptx)}", $"\"content\": \"{hash}\"", StringComparison.Ordinal);
        (await api.SendAsync($"PUT /api/content/{hash.Hex}", key, ApiFixture.Ptx)).Is(HttpStatusCode.Created);
        for (var i = 0; i < 2; i++)
        {
            var job = (await api.SendAsync("POST /api/jobs", key, document)).Is(HttpStatusCode.Created).Read<JobView>();
            (await api.SendAsync($"POST /api/jobs/{job.Id}/cancel", key, "")).Is(HttpStatusCode.OK);
        }

        (await api.SendAsync("POST /api/jobs", await api.MakeAccountAsync(Role.Submitter), document)).IsProblem(HttpStatusCode.UnprocessableEntity);
        (await api.SendAsync($"DELETE /api/content/{hash.Hex}", key)).Is(HttpStatusCode.NoContent);
        (await api.SendAsync("POST /api/jobs", key, document)).IsProblem(HttpStatusCode.UnprocessableEntity);
        (await api.SendAsync($"PUT /api/content/{hash.Hex}", key, ApiFixture.Ptx)).Is(HttpStatusCode.Created);
        (await api.SendAsync("POST /api/jobs", key, document)).Is(HttpStatusCode.Created);
    }

    private static async Task<HttpStatusCode> StatusOfAsync(Uri url)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(url, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
