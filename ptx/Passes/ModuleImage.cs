using Broker.Ptx.Running;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is one number that a module variable holds at the start.</summary>
internal readonly record struct InitialValue(long Offset, int Bytes, ulong Bits);

/// <summary>Is where the variables of a module lie and what they hold at the start.</summary>
/// <param name="TakesFunction">The first line at which the module takes the address of a function, or null.</param>
internal sealed record ModuleImage(
    IReadOnlyDictionary<Variable, ulong> Addresses, IReadOnlyDictionary<Variable, IReadOnlyList<InitialValue>> Values, int? TakesFunction)
{
    public static ModuleImage Build(ParsedModule module)
    {
        var addresses = new Dictionary<Variable, ulong>();
        var next = new Dictionary<StateSpace, ulong>
        {
            [StateSpace.Constant] = AddressMap.ConstantWindow,
            [StateSpace.Global] = AddressMap.GlobalWindow,
        };
        ulong total = 0;
        foreach (var variable in module.Variables.Where(v => next.ContainsKey(v.Space) && !v.IsExtern))
        {
            addresses[variable] = next[variable.Space];
            next[variable.Space] = AfterBuffer(next[variable.Space], variable.Bytes);
            total += (ulong)variable.Bytes;
            if (total > AddressMap.ModuleBytes / 2 || next[variable.Space] % AddressMap.ConstantWindow > AddressMap.ModuleBytes)
                throw new PtxException(new PtxError(
                    PtxErrorKind.NotSupported, variable.Line, variable.Column, $"more than {AddressMap.ModuleBytes / 2} bytes of module variables"));
        }

        var functions = new FunctionAddresses(module);
        var values = addresses.Keys.ToDictionary(v => v, v => InitialValues.Of(v, addresses, functions));
        return new ModuleImage(addresses, values, functions.FirstTaken);
    }

    /// <summary>Gives the address of what follows a buffer, so far behind it that a stray access hits neither.</summary>
    public static ulong AfterBuffer(ulong address, long bytes)
    {
        var end = address + (ulong)bytes + AddressMap.Gap;
        return (end + AddressMap.BufferAlignment - 1) / AddressMap.BufferAlignment * AddressMap.BufferAlignment;
    }
}
