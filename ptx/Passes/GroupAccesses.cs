using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Is one access of memory, for the check and for the message of a fault.</summary>
internal sealed record AccessSite(string Name, int Line, MemoryAccess Access, long Offset);

/// <summary>Is a run of accesses in one block at fixed distances from one register, which one check covers.</summary>
/// <remarks>The run is shorter than the gap between buffers: it lies in one buffer, or one of its accesses is a fault.</remarks>
internal sealed class AccessGroup(int index, StateSpace space, Operand place)
{
    public int Index { get; } = index;

    public StateSpace Space { get; } = space;

    public Operand Base { get; } = place;

    public List<AccessSite> Sites { get; } = [];

    public int AccessBytes => Sites[0].Access.Bytes;

    public long First { get; private set; } = long.MaxValue;

    public long Last { get; private set; } = long.MinValue;

    public bool Writes { get; private set; }

    /// <summary>Gets the bytes from the start of the first access to the end of the last.</summary>
    public long Span => Last - First + AccessBytes;

    public void Add(AccessSite site)
    {
        Sites.Add(site);
        First = Math.Min(First, site.Offset);
        Last = Math.Max(Last, site.Offset);
        Writes |= site.Access.Writes;
    }

    public bool Takes(AccessSite site)
    {
        var (first, last) = (Math.Min(First, site.Offset), Math.Max(Last, site.Offset));
        return site.Access.Bytes == AccessBytes
            && (site.Offset - First) % AccessBytes == 0
            && last - first + AccessBytes <= (long)Running.AddressMap.Gap;
    }
}

/// <summary>Finds accesses that one check can cover.</summary>
internal static class GroupAccesses
{
    private const int MaxOpenGroups = 16;

    /// <param name="isAlone">Says which instructions share a check with no other.</param>
    /// <returns>The group of each instruction that touches memory.</returns>
    public static (IReadOnlyDictionary<Instruction, AccessGroup> Groups, IReadOnlyList<AccessGroup> All) Run(
        IReadOnlyList<BasicBlock> blocks, Func<Instruction, bool>? isAlone = null)
    {
        var groups = new Dictionary<Instruction, AccessGroup>(ReferenceEqualityComparer.Instance);
        var all = new List<AccessGroup>();
        foreach (var block in blocks)
        {
            var open = new List<(Register Base, AccessGroup Group)>();
            foreach (var instruction in block.Instructions)
            {
                if (Place(instruction) is { } place) groups[instruction] = GroupOf(instruction, place, isAlone?.Invoke(instruction) == true ? [] : open, all);
                foreach (var written in Registers.WrittenBy(instruction)) open.RemoveAll(o => o.Base == written);
            }
        }

        return (groups, all);
    }

    private static AddressOperand? Place(Instruction instruction)
    {
        var shapes = instruction.Form!.Shapes;
        if (instruction.Has(Traits.Hints)) return null;
        for (var i = 0; i < instruction.Operands.Count; i++)
            if (shapes[i].Role == OperandRole.Memory)
                return (AddressOperand)instruction.Operands[i];
        return null;
    }

    // What derives from the address of a parameter is generic; what names a variable without a space means its space.
    private static StateSpace SpaceOf(StateSpace space, Operand place) => (space, place) switch
    {
        (StateSpace.Parameter, _) => StateSpace.Generic,
        (StateSpace.Generic, SymbolOperand { Variable.Space: not StateSpace.Parameter } symbol) => symbol.Variable.Space,
        _ => space,
    };

    private static AccessGroup GroupOf(
        Instruction instruction, AddressOperand place, List<(Register Base, AccessGroup Group)> open, List<AccessGroup> all)
    {
        var access = MemoryAccess.Of(instruction);
        access = access with { Space = SpaceOf(access.Space, place.Base) };
        var site = new AccessSite(instruction.Name, instruction.Line, access, place.Offset);
        var register = (place.Base as RegisterOperand)?.Register;
        var group = open.FirstOrDefault(o => o.Base == register && o.Group.Space == access.Space && o.Group.Takes(site)).Group;
        if (group is null)
        {
            group = new AccessGroup(all.Count, access.Space, place.Base);
            all.Add(group);
            if (register is not null) open.Add((register, group));
            if (open.Count > MaxOpenGroups) open.RemoveAt(0);
        }

        group.Add(site);
        return group;
    }
}
