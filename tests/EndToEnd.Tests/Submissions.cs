using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Tests;

namespace Broker.EndToEnd.Tests;

/// <summary>Submits jobs and waits for what becomes of them.</summary>
internal static class Submissions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static string Kernel(string name) => File.ReadAllText(Path.Combine(Repository.Root, "kernels", name + ".ptx"));

    /// <summary>Submits one launch on one output buffer <c>out</c>, and on an input <c>in</c> where there is one.</summary>
    public static async Task<JobView> SubmitAsync(
        this BrokerClient client, string ptx, string kernel, uint grid, uint block, int outputBytes, object[] more,
        byte[]? input = null, object? terms = null, object? requires = null, object? verification = null)
    {
        var program = await client.UploadContentAsync(Encoding.UTF8.GetBytes(ptx), Token);
        var buffers = new Dictionary<string, object> { ["out"] = new { role = "output", bytes = outputBytes } };
        List<object> arguments = [new { buffer = "out" }];
        if (input is not null)
        {
            buffers["in"] = new { role = "input", content = (await client.UploadContentAsync(input, Token)).Hash };
            arguments.Add(new { buffer = "in" });
        }

        var document = new
        {
            name = kernel,
            program = new { content = program.Hash },
            buffers,
            steps = new[] { new { kernel, grid = new[] { grid }, block = new[] { block }, arguments = arguments.Concat(more) } },
            terms = terms ?? new { },
            requires = requires ?? new { },
            verification,
        };
        return await client.SubmitAsync(JsonSerializer.SerializeToUtf8Bytes(document), null, Token);
    }

    public static Task<JobView> WaitForEndAsync(this BrokerClient client, JobId job) => client.WaitAsync(job, view => view.State.IsEnded());

    public static async Task<JobView> WaitAsync(this BrokerClient client, JobId job, Func<JobView, bool> until)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var view = await client.ReadJobAsync(job, Token);
            if (until(view)) return view;
            Assert.True(clock.Elapsed < Patience, $"after {Patience.TotalSeconds} s the job is {view.State}: {view.Reason}; {string.Join(", ", view.Attempts)}");
            await Task.Delay(100, Token);
        }
    }

    /// <summary>Waits for a job's end, and checks that its history tells of one end alone, has no gap, and that no run failed but by its kernel.</summary>
    /// <remarks>A worker that could not beat for seconds, as there was no storage, may have lost a run to another.</remarks>
    public static async Task<JobView> WaitForOneEndAsync(this BrokerClient client, JobId job)
    {
        var ended = await client.WaitForEndAsync(job);
        var events = (await client.ReadEventsAsync(job, cancellation: Token)).Items;
        Assert.Equal(Enumerable.Range(1, events.Length), events.Select(entry => entry.Number));
        Assert.Equal(events.Select(entry => entry.Hash).Prepend("").SkipLast(1), events.Select(entry => entry.PreviousHash));
        Assert.All(events, entry => Assert.Equal(entry.ComputeHash(job), entry.Hash));
        Assert.Equal(events[^1], Assert.Single(events, entry => entry.Kind.EndsJob()));
        Assert.Equal($"{ended.State}", $"{events[^1].Kind}");
        Assert.DoesNotContain(events, entry => entry.Kind == JobEventKind.Lost && !entry.Text!.Contains("silent", StringComparison.Ordinal));
        Assert.InRange(events.Count(entry => entry.Kind == JobEventKind.Accepted), ended.State == JobState.Completed ? 1 : 0, 1);
        return ended;
    }

    public static async Task<byte[]> ReadOutputAsync(this BrokerClient client, JobId job)
    {
        using var bytes = new MemoryStream();
        await client.DownloadOutputAsync(await client.ReadOutputAsync(job, "out", Token), bytes, cancellation: Token);
        return bytes.ToArray();
    }
}
