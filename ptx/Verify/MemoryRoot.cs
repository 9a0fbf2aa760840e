using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Is a piece of memory from which an address derives: a buffer, a variable, or a space of the block or the thread.</summary>
internal sealed record MemoryRoot(StateSpace Space, string Name, long Bytes, LaunchBuffer? Buffer, Variable? Variable = null)
{
    public static readonly MemoryRoot Parameters = new(StateSpace.Parameter, "the parameters", 0, null);

    /// <summary>Gets a power of two of which every machine makes the address a multiple.</summary>
    public int Alignment => Buffer is not null ? (int)Running.AddressMap.BufferAlignment : Math.Max(1, Variable?.Alignment ?? 1);

    public static MemoryRoot Of(LaunchBuffer buffer) => new(StateSpace.Global, buffer.Name, buffer.Bytes, buffer);

    public static MemoryRoot Of(Variable variable, bool ofKernel) => variable.Space switch
    {
        StateSpace.Parameter when ofKernel => Parameters,
        StateSpace.Parameter => new MemoryRoot(StateSpace.Local, variable.Name, variable.Bytes, null, variable),
        _ => new MemoryRoot(variable.Space, variable.Name, variable.Bytes, null, variable),
    };

    /// <summary>Gets what an address points into that was made of a number.</summary>
    public static MemoryRoot Of(StateSpace space) => new(space, space.ToString().ToLowerInvariant() + " memory", 0, null);

    public override string ToString() => Buffer is not null ? $"buffer '{Name}'" : Variable is not null ? $"'{Name}'" : Name;
}
