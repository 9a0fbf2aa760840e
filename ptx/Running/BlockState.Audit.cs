using Broker.Ptx.Audit;

namespace Broker.Ptx.Running;

/// <content>Is what the code of an audit sees and notes.</content>
internal sealed unsafe partial class BlockState
{
    private const int MaxFindings = 16;

    public readonly byte* Arena;
    public readonly long ArenaBytes;
    public readonly long ShadowDistance;
    public readonly byte* Touched;
    public readonly byte* Dirtied;

    private readonly List<AuditFinding> _findings = [];

    public IReadOnlyList<AuditFinding> Findings => _findings;

    /// <summary>Gets what knows who touched which byte last, where accesses are tracked.</summary>
    public BlockTracker? Tracker { get; set; }

    public int LocalBytes => _context.Plan.Memory.LocalBytes;

    /// <summary>Notes an access. Kinds are 0 for a load, 1 for a store, and 2 for both at once.</summary>
    public void Track(nint place, int bytes, int kind, int line) => Tracker?.Note((byte*)place, bytes, kind, line);

    public bool IsReadInPlace(nint place) => _context.Arena!.IsReadInPlace(place);

    public void CheckDivisor(long divisor, int line)
    {
        if (divisor == 0) Find(FindingKind.DivisionByZero, line, $"division by zero at line {line}: its result is not specified");
    }

    /// <summary>Notes a branch that no target was given for (PTX ISA 9.7.12.3).</summary>
    public void CheckIndex(uint index, int targets, int line)
    {
        if (index >= targets) Find(FindingKind.UndefinedBranch, line, $"line {line} branches to number {index} of {targets} targets: where that leads is not specified");
    }

    /// <summary>Notes bits of a NaN that arithmetic gave, where they are taken for more than a number.</summary>
    public void CheckBits(ulong bits, int kinds, int line)
    {
        if (NaN.IsIn(bits, (RealBits)kinds)) Find(FindingKind.UnspecifiedBits, line, $"line {line} looks at the bits of a NaN, which differ between machines");
    }

    public void Find(FindingKind kind, int line, string message)
    {
        if (_findings.Count < MaxFindings && !_findings.Any(f => f.Kind == kind && f.Line == line))
            _findings.Add(new AuditFinding(kind, line, _context.Launch.Block.At((ulong)Thread), message));
    }

    /// <summary>Lets a block go on that was to stop at a fault: another thread of it is what matters.</summary>
    public void ForgiveFault() => Fault = null;

    public void BeginAudit()
    {
        _findings.Clear();
        Fault = null;
    }
}
