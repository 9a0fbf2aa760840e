using System.Diagnostics.CodeAnalysis;

namespace Broker.Cli.Kernels;

/// <summary>PTX, or the reason why there is none.</summary>
/// <param name="Ptx">The PTX with its header, or null where the source was refused.</param>
/// <param name="Text">Without PTX what is wrong and what to do about it; with PTX the compiler's warnings, often empty.</param>
public sealed record CompileOutcome(string? Ptx, string Text)
{
    [MemberNotNullWhen(true, nameof(Ptx))]
    public bool Succeeded => Ptx is not null;

    public static CompileOutcome Refused(string reason) => new(null, reason);
}
