using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;

namespace Broker.Worker.Execution.Cpu;

/// <summary>Runs programs on this machine's processor.</summary>
/// <param name="threads">How many threads one slot uses.</param>
public sealed class CpuExecutor(int threads) : IExecutor
{
    private readonly ProgramCache _programs = new();

    public DeviceFacts Facts { get; } = CpuFacts.Read();

    public IExecution Prepare(ContentHash program, string text, JobDocument document) =>
        new CpuExecution(document, _programs.Get(program, text, document.Steps.Select(step => step.Kernel)), threads);
}
