using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Finds the parameter or variable from which each address derives.</summary>
/// <remarks>
/// The finding guides which accesses share a remembered buffer, never whether one is checked: a wrong guess costs time alone.
/// An address without a single root is its own root.
/// </remarks>
internal static class FindAddressRoots
{
    public static IReadOnlyDictionary<Register, object> Run(IReadOnlyList<BasicBlock> blocks)
    {
        var roots = new Dictionary<Register, object>();
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var instruction in blocks.SelectMany(b => b.Instructions))
            {
                if (instruction.Operands.Count == 0 || instruction.Operands[0] is not RegisterOperand { Register: { Type.Bits: 64 } result }) continue;
                if (RootOf(instruction, roots) is { } root) changed |= Join(roots, result, root);
            }
        }

        return roots;
    }

    private static bool Join(Dictionary<Register, object> roots, Register result, object root)
    {
        if (!roots.TryGetValue(result, out var known))
        {
            roots[result] = root;
            return true;
        }

        if (known.Equals(root) || known == result) return false;
        roots[result] = result;
        return true;
    }

    private static object? RootOf(Instruction instruction, Dictionary<Register, object> roots)
    {
        switch (instruction.Opcode)
        {
            case "ld":
                return instruction.Operands[1] is AddressOperand { Base: SymbolOperand { Variable.Space: StateSpace.Parameter } symbol } place
                ? (symbol.Variable, place.Offset)
                : null;
            case "mov" or "cvta" or "add" or "sub" or "mad" or "selp":
                object? found = null;
                foreach (var operand in instruction.Operands.Skip(1))
                {
                    var root = operand switch
                    {
                        SymbolOperand variable => variable.Variable,
                        RegisterOperand register => roots.GetValueOrDefault(register.Register),
                        _ => null,
                    };
                    if (root is null) continue;
                    if (found is not null && !found.Equals(root)) return ((RegisterOperand)instruction.Operands[0]).Register;
                    found = root;
                }

                return found;
            default: return null;
        }
    }
}
