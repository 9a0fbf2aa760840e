namespace Broker.Ptx.Audit;

/// <summary>Says what makes the result of a block differ from machine to machine, or shows that its kernel is wrong.</summary>
public enum FindingKind { Race, UninitialisedRead, DivisionByZero, UnspecifiedBits, UndefinedBranch }

/// <summary>Names one such thing, and where it was first seen.</summary>
/// <param name="Line">The line of the text that was parsed.</param>
public sealed record AuditFinding(FindingKind Kind, int Line, Dim3 Thread, string Message);
