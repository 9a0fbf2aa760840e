using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Core.Verification;
using Broker.Ptx;
using Broker.Ptx.Verify;
using Broker.Verification;
using Broker.Worker.Execution;

namespace Broker.CheatingWorker;

/// <summary>A device whose results lack some blocks.</summary>
internal sealed class CheatingExecutor(IExecutor honest, Cheat cheat) : IExecutor
{
    public DeviceFacts Facts => honest.Facts;

    public IExecution Prepare(ContentHash program, string text, JobDocument document) =>
        new CheatingExecution(honest.Prepare(program, text, document), Forge(text, document));

    /// <summary>The stretches of each result that stay zero: those of blocks where it is known which block writes what, else leaves.</summary>
    private Dictionary<string, List<ByteRange>> Forge(string text, JobDocument document)
    {
        var (random, module, step) = (new Random(1), Module.Parse(text), document.Steps[0]);
        var kernel = module.Kernels.First(kernel => kernel.Name == step.Kernel);
        var map = WriteMap.Find(module, step.Kernel, StepLaunch.Make(kernel, step, _ => 0), StepLaunch.Pointers(kernel, step, document));
        var forged = new Dictionary<string, List<ByteRange>>();
        foreach (var buffer in document.Buffers.Where(buffer => buffer.IsResult))
        {
            var pieces = map is null ? MerkleTree.Count(buffer.Bytes) : step.Grid.Count;
            var left = Enumerable.Range(0, (int)pieces).Where(_ => random.NextDouble() < cheat.Fraction).DefaultIfEmpty(0);
            forged[buffer.Name] = [.. left.SelectMany(piece => Ranges(map, step, buffer, piece))];
        }

        return forged;
    }

    private static IEnumerable<ByteRange> Ranges(WriteMap? map, StepSpec step, BufferSpec buffer, int piece)
    {
        if (map is null) return [new ByteRange((long)piece * MerkleTree.LeafBytes, Math.Min(buffer.Bytes, (piece + 1L) * MerkleTree.LeafBytes))];
        var (row, x) = Math.DivRem(piece, step.Grid.X);
        var (z, y) = Math.DivRem(row, step.Grid.Y);
        return map.RangesOf(new Dim3((uint)x, (uint)y, (uint)z), buffer.Name);
    }
}
