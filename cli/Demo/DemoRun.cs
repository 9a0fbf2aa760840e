using Broker.Cli.Commands;
using Broker.Cli.Demo.References;
using Broker.Cli.Output;
using Broker.Cli.Stack;
using Broker.Cli.Submit;
using Broker.Client;
using Broker.Core.Api;
using Broker.Core.Jobs;

namespace Broker.Cli.Demo;

/// <summary>Runs the demo's jobs on a stack and checks what comes back.</summary>
/// <param name="stack">Where they run.</param>
/// <param name="terminal">Where it is shown.</param>
/// <param name="outputFolder">Where the pictures go.</param>
internal sealed class DemoRun(LocalBroker stack, Terminal terminal, string outputFolder)
{
    public async Task<DemoResult> RunAsync(CancellationToken cancellation)
    {
        using var submitter = BrokerClient.Create(stack.Url, stack.SubmitterKey);
        var jobs = await DemoJob.ReadAllAsync(cancellation);
        var submitted = new List<JobView>();
        foreach (var job in jobs) await new Uploads(submitter, terminal).RunAsync(job.Draft.Contents, cancellation);
        foreach (var job in jobs) submitted.Add(await submitter.SubmitAsync(job.Draft.ToBytes(), cancellation: cancellation));

        var ended = await JobsDisplay.RunAsync(
            terminal.Words, show => new JobWatch(submitter).UntilEndedAsync([.. submitted.Select(job => job.Id)], show, cancellation));

        using var operators = BrokerClient.Create(stack.Url, stack.OperatorKey);
        var checks = new List<CheckOutcome>();
        foreach (var (job, view) in jobs.Zip(ended)) checks.Add(await CheckAsync(submitter, job, view, cancellation));
        var operations = await operators.ReadStorageOperationsAsync(cancellation);
        return DemoResult.Of([.. ended.Zip(checks, (view, check) => DemoJobResult.Of(view, check, operations.Jobs.GetValueOrDefault(view.Id)))]);
    }

    private async Task<CheckOutcome> CheckAsync(BrokerClient client, DemoJob job, JobView view, CancellationToken cancellation)
    {
        if (view.State != JobState.Completed) return new CheckOutcome(false, view.Reason ?? $"the job is {Words.State(view.State)}");
        terminal.Note($"Checking {job.Name} against an independent computation");
        var output = await client.ReadOutputAsync(view.Id, job.Buffer, cancellation);
        using var bytes = new MemoryStream();
        await client.DownloadOutputAsync(output, bytes, progress: null, cancellation);
        if (job.Picture is { } size) WritePicture(job.Name, bytes.ToArray(), size.Width, size.Height);
        return await Task.Run(() => job.Check(bytes.ToArray()), cancellation);
    }

    private void WritePicture(string name, byte[] pixels, int width, int height)
    {
        Directory.CreateDirectory(outputFolder);
        var file = Path.GetFullPath(Path.Combine(outputFolder, name + ".png"));
        using (var stream = File.Create(file)) PngWriter.Write(stream, pixels, width, height);
        terminal.Say($"Picture: {file}");
    }
}
