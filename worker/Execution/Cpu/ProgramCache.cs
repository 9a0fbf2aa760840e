using Broker.Core.Ids;
using Broker.Ptx;

namespace Broker.Worker.Execution.Cpu;

/// <summary>Keeps the programs that ran last as machine code: compiling takes longer than many a small job.</summary>
internal sealed class ProgramCache
{
    private const int MostPrograms = 64;

    private readonly Lock _lock = new();
    private readonly LinkedList<(ContentHash Program, Dictionary<string, CompiledKernel> Kernels)> _recent = new();

    /// <summary>The kernels of a program by name, all those that are asked for among them.</summary>
    /// <exception cref="ExecutorException">The engine cannot run it.</exception>
    public IReadOnlyDictionary<string, CompiledKernel> Get(ContentHash program, string text, IEnumerable<string> names)
    {
        var known = Find(program);
        var missing = names.Distinct().Where(name => known is null || !known.ContainsKey(name)).ToList();
        if (known is not null && missing.Count == 0) return known;

        // Two slots may compile the same kernel at once: that is cheaper than to let one wait for every other program's.
        var kernels = new Dictionary<string, CompiledKernel>(known ?? []);
        foreach (var (name, kernel) in Compile(text, missing)) kernels[name] = kernel;
        Keep(program, kernels);
        return kernels;
    }

    private static List<(string Name, CompiledKernel Kernel)> Compile(string text, List<string> names)
    {
        try
        {
            var module = Module.Parse(text);
            var unknown = names.Find(name => module.Kernels.All(kernel => kernel.Name != name));
            if (unknown is not null) throw new ExecutorException($"the program has no kernel '{unknown}'");
            return names.ConvertAll(name => (name, CompiledKernel.Compile(module, name)));
        }
        catch (PtxException e)
        {
            throw new ExecutorException($"the CPU engine cannot run this program: {e.Message}", e);
        }
    }

    private Dictionary<string, CompiledKernel>? Find(ContentHash program)
    {
        lock (_lock)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Program != program) continue;
                _recent.Remove(node);
                _recent.AddFirst(node);
                return node.Value.Kernels;
            }

            return null;
        }
    }

    private void Keep(ContentHash program, Dictionary<string, CompiledKernel> kernels)
    {
        lock (_lock)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Program != program) continue;
                _recent.Remove(node);
                break;
            }

            _recent.AddFirst((program, kernels));
            if (_recent.Count > MostPrograms) _recent.RemoveLast();
        }
    }
}
