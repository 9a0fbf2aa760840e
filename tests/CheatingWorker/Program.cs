using Broker.CheatingWorker;
using Broker.Worker;

// A worker that cheats, for the demo and for tests: `--cheat zeros:0.05` and then what any worker takes. No other build of the worker can.
if (args is not ["--cheat", var text, .. var rest] || Cheat.TryParse(text) is not { } cheat)
{
    await Console.Error.WriteLineAsync("The first option must be --cheat zeros:FRACTION, with a fraction of the blocks from 0 to 1.");
    return 2;
}

return await WorkerProgram.RunAsync(rest, executor => new CheatingExecutor(executor, cheat));
