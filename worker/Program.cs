using Broker.Worker;

return await WorkerProgram.RunAsync(args, executor => executor);
