using System.Collections.Immutable;
using Broker.Core.Jobs;

namespace Broker.Core.Documents;

/// <summary>Reads the steps of a job document: what is launched, and how large.</summary>
internal static class StepReader
{
    public static ImmutableArray<StepSpec> Read(DocumentNode node, ImmutableArray<BufferSpec> buffers) =>
        [.. node.Items(JobLimits.Steps).Select(step => ReadOne(step, buffers)).OfType<StepSpec>()];

    private static StepSpec? ReadOne(DocumentNode node, ImmutableArray<BufferSpec> buffers)
    {
        var members = node.Members("kernel", "grid", "block", "sharedBytes", "repeat", "arguments");
        if (node.Element.ValueKind != System.Text.Json.JsonValueKind.Object) return null;
        var kernel = "";
        if (!members.TryGetValue("kernel", out var kernelNode)) node.Refuse("'kernel' is missing: the name of an entry of the program");
        else if (kernelNode.TryText(out var text)) kernel = text;

        var grid = ReadDimensions(node, members, "grid", [JobLimits.GridX, JobLimits.GridYZ, JobLimits.GridYZ]);
        var block = ReadDimensions(node, members, "block", [JobLimits.BlockXY, JobLimits.BlockXY, JobLimits.BlockZ]);
        if (block.Count > JobLimits.BlockThreads)
            members["block"].Refuse($"has {block.Count} threads; CUDA allows {JobLimits.BlockThreads} a block");

        long shared = 0;
        if (members.TryGetValue("sharedBytes", out var sharedNode)) sharedNode.TryInteger(0, JobLimits.SharedBytes, out shared);
        long repeat = 1;
        if (members.TryGetValue("repeat", out var repeatNode)) repeatNode.TryInteger(1, JobLimits.Repeat, out repeat);
        var arguments = members.TryGetValue("arguments", out var argumentsNode)
            ? [.. argumentsNode.Items(JobLimits.Arguments).Select(item => ArgumentReader.Read(item, buffers)).OfType<Argument>()]
            : ImmutableArray<Argument>.Empty;
        return new StepSpec(kernel, grid, block, (int)shared, (int)repeat, arguments);
    }

    /// <summary>One to three numbers; what is left out is 1, as in CUDA's dim3.</summary>
    private static Dimensions ReadDimensions(
        DocumentNode step, Dictionary<string, DocumentNode> members, string name, ReadOnlySpan<long> most)
    {
        if (!members.TryGetValue(name, out var node))
        {
            step.Refuse($"'{name}' is missing: one to three numbers such as [64, 1, 1]");
            return new Dimensions(1, 1, 1);
        }

        var items = node.Items(3);
        if (items.Length == 0 && node.Element.ValueKind == System.Text.Json.JsonValueKind.Array && node.Element.GetArrayLength() == 0)
            node.Refuse("is empty: one to three numbers such as [64, 1, 1]");
        Span<long> sizes = [1, 1, 1];
        for (var i = 0; i < items.Length; i++)
        {
            if (!items[i].TryInteger(1, most[i], out sizes[i])) sizes[i] = 1;
        }

        return new Dimensions(sizes[0], sizes[1], sizes[2]);
    }
}
