using Broker.Ptx.Emit;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Judges the accesses of a kernel by what other threads and blocks could see of their order.</summary>
internal sealed class AccessRules(KernelPlan plan, IReadOnlyList<KernelAccess> accesses, AccessForms forms)
{
    // Of pairs that are held against each other; a kernel with more is not looked at so closely.
    private const int MaxPairs = 4096;

    private readonly HashSet<Register> _read =
        [.. plan.Blocks.SelectMany(b => b.Instructions.SelectMany(Registers.ReadBy).Concat(Registers.ReadBy(b.End)))];

    public IEnumerable<ClassReason> Check()
    {
        foreach (var access in accesses)
        {
            if (access.Roots.Count == 0)
                yield return Reason(access, KernelClass.Unverifiable, "takes an address that comes from no buffer of the launch", "pass the buffer as a parameter of its own");
            else if (access.IsOrdered)
                yield return Reason(access, KernelClass.Unverifiable, "may see or show the order of other threads", "leave 'volatile' out and put a barrier in its place");
            if (access.Access.Writes && access.Roots.FirstOrDefault(r => r is { Space: StateSpace.Global, Buffer: null }) is { } variable)
                yield return Reason(access, KernelClass.Unverifiable, $"writes to the module's variable {variable}, which no receipt covers", "pass a buffer instead");
            if (access.Access.Writes && Buffers(access).FirstOrDefault(b => !b.Writable) is { } input)
                yield return Reason(access, KernelClass.Unverifiable, $"writes to buffer '{input.Name}', which is an input", "declare it as 'inout' or 'output'");
            if (access.Access.Atomic && CheckAtomic(access) is { } reason) yield return reason;
        }

        foreach (var reason in CheckOperations(accesses.Where(a => a.IsShared), "shared memory")) yield return reason;
        foreach (var reason in accesses.SelectMany(Buffers).Distinct().SelectMany(CheckBuffer)) yield return reason;
    }

    private static IEnumerable<LaunchBuffer> Buffers(KernelAccess access) => access.Roots.Select(r => r.Buffer).OfType<LaunchBuffer>();

    private ClassReason? CheckAtomic(KernelAccess access)
    {
        var instruction = access.Instruction;
        if (instruction.Opcode == "atom" && instruction.Operands[0] is RegisterOperand { Register: var result } && _read.Contains(result))
            return Reason(access, KernelClass.Unverifiable, "gives a result that depends on who comes first", Remedies.NoOrder);
        if (instruction.Type.Class is TypeClass.Float or TypeClass.Brain || instruction.Has("f16x2") || instruction.Has("bf16x2"))
            return Reason(access, KernelClass.Tolerant, "rounds in an order that differs from run to run", Remedies.Fold);
        if (!instruction.Modifiers.Any(m => m is "add" or "min" or "max" or "and" or "or" or "xor"))
            return Reason(access, KernelClass.Unverifiable, "leaves a value that depends on who comes last", Remedies.NoOrder);
        return access.IsShared ? null : Reason(access, KernelClass.ExactCommutative, "adds up what several blocks contribute", Remedies.Replicate);
    }

    private IEnumerable<ClassReason> CheckBuffer(LaunchBuffer buffer)
    {
        var touching = accesses.Where(a => Buffers(a).Contains(buffer)).ToList();
        var atomics = touching.Where(a => a.Access.Atomic).ToList();
        var stores = touching.Where(a => a.Access is { Writes: true, Atomic: false }).ToList();
        foreach (var access in touching.Where(a => atomics.Count > 0 && !a.Access.Atomic))
            yield return Reason(access, KernelClass.Unverifiable, $"touches buffer '{buffer.Name}' while other threads change it atomically (line {atomics[0].Instruction.Line})", "use a buffer of its own, or a launch of its own");
        foreach (var reason in CheckOperations(atomics, $"buffer '{buffer.Name}'")) yield return reason;
        var loads = touching.Where(a => !a.Access.Writes).ToList();
        var tooMany = (long)stores.Count * (stores.Count + loads.Count) > MaxPairs;
        foreach (var (store, index) in stores.Select((s, i) => (s, i)))
            if (CheckStore(store, buffer, tooMany ? null : stores.Take(index + 1)) is { } reason)
                yield return reason;
        foreach (var load in loads.Where(l => stores.Count > 0 && (l.Instruction.Has("nc") || l.Instruction.Opcode == "ldu")))
            yield return Reason(load, KernelClass.Unverifiable, $"reads buffer '{buffer.Name}' as if nobody wrote to it (line {stores[0].Instruction.Line})", "load without 'nc'");
        foreach (var load in loads)
            if (stores.Find(store => tooMany || MayMeet(load, store)) is { } store)
                yield return Reason(load, KernelClass.Unverifiable, $"may read what another block writes to buffer '{buffer.Name}' (line {store.Instruction.Line})", "read from one buffer and write to another");
    }

    private ClassReason? CheckStore(KernelAccess store, LaunchBuffer buffer, IEnumerable<KernelAccess>? others)
    {
        if (forms.DependsOnData(store))
            return Reason(store, KernelClass.ExactScattered, $"writes to buffer '{buffer.Name}' at a place that depends on loaded data", Remedies.Affine);
        if (forms.Find(store) is not { } place)
            return Reason(store, KernelClass.ExactScattered, $"writes to buffer '{buffer.Name}' at a place that is not affine in thread indices and parameters", Remedies.Affine);
        if (forms.FindControl(store) is { } control)
            return Reason(store, KernelClass.ExactScattered, $"writes to buffer '{buffer.Name}' or not, as loaded data decide (a branch after line {control.Line})", "write in either case, or ask for 'replicate'");
        if (!place.IsWithin(buffer.Bytes))
            return Reason(store, KernelClass.ExactScattered, $"is not proven to stay within buffer '{buffer.Name}' of {buffer.Bytes} bytes", Remedies.Bounds);
        if (others is null)
            return Reason(store, KernelClass.ExactScattered, $"is one of too many stores to buffer '{buffer.Name}' to be held against each other", Remedies.Replicate);
        return others.FirstOrDefault(other => MayMeet(store, other)) is { } met
            ? Reason(store, KernelClass.ExactScattered, $"may write bytes of buffer '{buffer.Name}' that another block writes (line {met.Instruction.Line})", "let each block write bytes of its own")
            : null;
    }

    private bool MayMeet(KernelAccess first, KernelAccess second) =>
        forms.Find(first) is not { } a || forms.Find(second) is not { } b || !Overlap.IsExcluded(a, b, forms.BlockIndex);

    private static IEnumerable<ClassReason> CheckOperations(IEnumerable<KernelAccess> touching, string memory)
    {
        var atomics = touching.Where(a => a.Access.Atomic).ToList();
        foreach (var access in atomics.Where(a => Operation(a) != Operation(atomics[0])))
            yield return Reason(access, KernelClass.Unverifiable, $"and line {atomics[0].Instruction.Line} change {memory} in two ways, which may not commute", "use a launch for each");
    }

    private static (string Operation, ScalarType Type) Operation(KernelAccess access) =>
        (access.Instruction.Modifiers.FirstOrDefault(m => m is "add" or "min" or "max" or "and" or "or" or "xor") ?? "", access.Instruction.Type);

    private static ClassReason Reason(KernelAccess access, KernelClass weakest, string cause, string remedy) =>
        new(weakest, access.Instruction.Line, $"`{access.Instruction.Name}` {cause}", remedy);
}
