using Broker.Ptx;

namespace Broker.Verification;

/// <summary>The kernels of a program, compiled when they are asked for.</summary>
internal sealed class JobKernels
{
    private readonly Dictionary<string, CompiledKernel> _compiled = [];

    /// <exception cref="ReexecutionException">The text is no program that runs here.</exception>
    public JobKernels(string program)
    {
        try
        {
            Module = Module.Parse(program);
        }
        catch (PtxException e)
        {
            throw new ReexecutionException($"the program cannot be read: {e.Message}", e);
        }
    }

    public Module Module { get; }

    public CompiledKernel Find(string name)
    {
        if (_compiled.TryGetValue(name, out var kernel)) return kernel;
        try
        {
            return _compiled[name] = CompiledKernel.Compile(Module, name);
        }
        catch (Exception e) when (e is PtxException or ArgumentException)
        {
            throw new ReexecutionException($"kernel '{name}' cannot be executed here: {e.Message}", e);
        }
    }
}
