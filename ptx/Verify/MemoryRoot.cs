using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Is a piece of memory from which an address derives: a buffer, a variable, or a space of the block or the thread.</summary>
internal sealed record MemoryRoot(StateSpace Space, string Name, long Bytes, LaunchBuffer? Buffer)
{
    public static readonly MemoryRoot Shared = new(StateSpace.Shared, "shared memory", 0, null);
    public static readonly MemoryRoot Local = new(StateSpace.Local, "local memory", 0, null);
    public static readonly MemoryRoot Parameters = new(StateSpace.Parameter, "the parameters", 0, null);

    public static MemoryRoot Of(LaunchBuffer buffer) => new(StateSpace.Global, buffer.Name, buffer.Bytes, buffer);

    public static MemoryRoot Of(Variable variable, bool ofKernel) => variable.Space switch
    {
        StateSpace.Shared => Shared,
        StateSpace.Local => Local,
        StateSpace.Parameter => ofKernel ? Parameters : Local,
        _ => new MemoryRoot(variable.Space, variable.Name, variable.Bytes, null),
    };

    public override string ToString() => Buffer is null && Space is StateSpace.Global or StateSpace.Constant ? $"'{Name}'" : Buffer is null ? Name : $"buffer '{Name}'";
}
