using System.Text.Json.Nodes;

namespace Broker.Cli.Submit;

/// <summary>One launch of one kernel, from which a whole job document can be made.</summary>
internal sealed record KernelLaunch(string Kernel, JsonArray Grid, JsonArray Block, IReadOnlyList<LaunchArgument> Arguments)
{
    public int? SharedBytes { get; init; }

    public int? Repeat { get; init; }

    public JobDraft Draft(string name, ProgramFile program)
    {
        var step = new JsonObject { ["kernel"] = Kernel, ["grid"] = Grid, ["block"] = Block };
        if (SharedBytes is { } shared) step["sharedBytes"] = shared;
        if (Repeat is { } repeat) step["repeat"] = repeat;
        step["arguments"] = new JsonArray([.. Arguments.Select(argument => argument.Argument)]);

        var buffers = Arguments.Where(argument => argument.Buffer is not null).ToArray();
        var document = new JsonObject
        {
            ["name"] = name,
            ["program"] = new JsonObject { ["content"] = program.Content.Hash.ToString() },
            ["buffers"] = new JsonObject(buffers.Select(argument => KeyValuePair.Create<string, JsonNode?>(argument.BufferName!, argument.Buffer))),
            ["steps"] = new JsonArray(step),
        };
        return new JobDraft(document, [program.Content, .. buffers.Select(argument => argument.Content).OfType<LocalContent>()], program.Kernels);
    }
}
