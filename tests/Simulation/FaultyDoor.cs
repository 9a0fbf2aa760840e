using Azure;
using Broker.Simulation.Memory;

namespace Broker.Simulation;

/// <summary>Lets the storage operations of one process take time and go wrong, as the weather has it.</summary>
internal sealed class FaultyDoor(World world, Life life, Weather weather, HashSet<string> made) : Door
{
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(1);

    public override Task<T> PassAsync<T>(StorageOperation operation, Func<T> effect)
    {
        var answer = new TaskCompletionSource<T>();
        world.After(weather.Latency(), () =>
        {
            if (!life.IsAlive) return;
            var fault = weather.Strike(operation);
            if (fault == Fault.Trouble || weather.IsTrouble)
                Answer(() => answer.SetException(new RequestFailedException(503, "the storage is busy")));
            else Happen(operation, effect, answer, fault);
        });
        return answer.Task;
    }

    public override Task CreateAsync(string what) => PassAsync(new StorageOperation($"{what} create", true), () => made.Add(what));

    private void Happen<T>(StorageOperation operation, Func<T> effect, TaskCompletionSource<T> answer, Fault fault)
    {
        world.Note(operation.Name);
        T result;
        try
        {
            result = effect();
            if (fault == Fault.MessageDoubled) effect();
        }
        catch (RequestFailedException refused)
        {
            Answer(() => answer.SetException(refused));
            return;
        }

        if (result is MemoryMessage message)
        {
            if (fault == Fault.MessageLost) message.VisibleAt = DateTimeOffset.MaxValue;
            if (fault == Fault.MessageLate) message.VisibleAt += world.Between(0, 600);
        }

        if (fault == Fault.Death) life.End();
        else if (fault == Fault.AnswerLost) Answer(() => Happen(operation, effect, answer, Fault.None));
        else Answer(() => answer.SetResult(result), fault == Fault.Stalled ? Stall : TimeSpan.Zero);
    }

    private void Answer(Action tell, TimeSpan stall = default) => world.After(weather.Latency() + stall, () =>
    {
        if (life.IsAlive) tell();
    });
}
