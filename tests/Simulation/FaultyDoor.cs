using Azure;
using Broker.Simulation.Memory;

namespace Broker.Simulation;

/// <summary>Lets storage operations take time, fail, and lose their answers, as chance has it.</summary>
internal sealed class FaultyDoor(World world, Life life, Weather weather) : Door
{
    public override Task<T> PassAsync<T>(StorageOperation operation, Func<T> effect)
    {
        var answer = new TaskCompletionSource<T>();
        world.After(weather.Latency(), () => Happen(operation, effect, answer, again: false));
        return answer.Task;
    }

    private void Happen<T>(StorageOperation operation, Func<T> effect, TaskCompletionSource<T> answer, bool again)
    {
        if (!life.IsAlive) return;
        if (weather.IsTrouble())
        {
            Answer(() => answer.SetException(new RequestFailedException(503, "the storage is busy")));
            return;
        }

        world.Note(operation.Name);
        T result;
        try
        {
            result = effect();
        }
        catch (RequestFailedException refused)
        {
            Answer(() => answer.SetException(refused));
            return;
        }

        if (result is MemoryMessage sent) weather.Disturb(sent);

        // The SDK does not hear an answer that is lost, and sends the request again.
        if (!again && operation.Changes && weather.IsAnswerLost()) world.After(weather.Latency(), () => Happen(operation, effect, answer, again: true));
        else Answer(() => answer.SetResult(result));
    }

    private void Answer(Action tell) => world.After(weather.Latency(), () =>
    {
        if (life.IsAlive) tell();
    });
}
