using System.CommandLine;
using Broker.Cli.Output;
using Broker.Cli.Stack;
using Broker.Core;

namespace Broker.Cli.Commands;

/// <summary>Starts the local stack for the commands that need one.</summary>
internal sealed class StackOptions
{
    /// <summary>Prices apart, so that it can be seen who gets which job.</summary>
    private static readonly LocalWorker[] Named =
        [new("amber", Money.Parse("0.0010")), new("birch", Money.Parse("0.0012")), new("cedar", Money.Parse("0.0015"))];

    private readonly Option<bool> _noBuild = new("--no-build") { Description = "Take the function app and the worker as they were built before" };

    private readonly Option<int> _verifiers = new("--verifiers") { Description = "How many verifiers, which execute parts of results again", HelpName = "N", DefaultValueFactory = _ => 1 };

    public StackOptions(Command command)
    {
        _verifiers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 16) result.AddError("--verifiers takes a number from 0 to 16.");
        });
        command.Add(_noBuild);
        command.Add(_verifiers);
    }

    public async Task<LocalBroker> StartAsync(
        ParseResult parsed, IReadOnlyList<LocalWorker> workers, string? dataFolder, Terminal terminal, CancellationToken cancellation)
    {
        // Before the build, which takes a minute on a fresh clone.
        await Node.RequireAsync(cancellation);
        var build = StackBuild.Find();
        if (!parsed.GetValue(_noBuild)) await build.RunAsync(terminal.Note, cancellation);
        build.RequireBuilt(andCheating: workers.Any(worker => worker.Cheat is not null));
        return await LocalBroker.StartAsync(
            new LocalBrokerOptions
            {
                FunctionsAssembly = build.FunctionsAssembly,
                WorkerAssembly = build.WorkerAssembly,
                CheatingWorkerAssembly = build.CheatingWorkerAssembly,
                Workers = workers,
                Verifiers = parsed.GetValue(_verifiers),
                DataFolder = dataFolder,
                Log = terminal.Note,
            },
            cancellation);
    }

    /// <summary>Says what a person needs to use the stack.</summary>
    public static void Describe(LocalBroker stack, Action<string> say)
    {
        say($"Broker        {stack.Url.AbsoluteUri}");
        say($"Operator      {stack.OperatorKey}");
        say($"Submitter     {stack.SubmitterKey}");
        foreach (var (worker, provider) in stack.Workers.Zip(stack.Providers)) say($"Worker {worker.Name}  {worker.Id}, its provider's key {provider.Key}");
        foreach (var verifier in stack.Verifiers) say($"Verifier {verifier.Name}  {verifier.Id}, its account's key {stack.Verifier.Key}");
        say($"Storage       {stack.Emulator.ConnectionString}");
        say("");
        say("In another terminal:");
        say($"  broker login --url {stack.Url.AbsoluteUri} --key {stack.SubmitterKey}");
        say($"  broker submit {Path.Combine(AppContext.BaseDirectory, "kernels", "mandelbrot.ptx")} --grid 40,30 --block 16,16 --arg out:1200KB --arg u32:640 --arg u32:480 --arg f32:-2.2 --arg f32:-1.2 --arg f32:0.005 --arg u32:1000");
        say("");
        say("Ctrl-C stops everything.");
    }

    /// <summary>Holds the stack until Ctrl-C.</summary>
    /// <exception cref="OperationCanceledException">That came.</exception>
    public static async Task<ExitCode> HoldAsync(LocalBroker stack, Terminal terminal, CancellationToken cancellation)
    {
        try
        {
            return await stack.WhileItStandsAsync(
                async token =>
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                    return ExitCode.Ok;
                },
                cancellation);
        }
        catch (OperationCanceledException)
        {
            terminal.Note("Stopping.");
            throw;
        }
    }

    /// <summary>So many honest workers, each with a price of its own.</summary>
    public static IReadOnlyList<LocalWorker> Workers(int count) =>
        [.. Enumerable.Range(0, count).Select(i => i < Named.Length ? Named[i] : new LocalWorker($"worker-{i + 1}", new Money(1_000 + (250 * i))))];
}
