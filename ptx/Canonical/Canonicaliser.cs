using System.Security.Cryptography;
using System.Text;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Canonical;

/// <summary>Gives a program its one text.</summary>
/// <remarks>
/// Comments, blanks and debug directives go, numbers take one spelling, names stay. PTX lets a driver fuse a multiplication
/// and an addition that name no rounding (PTX ISA 9.7.3), so each gets <c>.rn</c>: then every machine rounds alike.
/// The canonical text of a canonical text is itself.
/// </remarks>
internal static class Canonicaliser
{
    public static CanonicalProgram Run(ParsedModule module)
    {
        var text = new PtxWriter().Write(module);
        return new CanonicalProgram(text, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }

    /// <summary>Names the rounding that an instruction leaves to the driver.</summary>
    public static IEnumerable<string> NameRounding(Instruction instruction)
    {
        var modifiers = instruction.Modifiers;
        return instruction.Opcode is "add" or "sub" or "mul" or "fma" or "mad"
            && modifiers.Any(m => m is "f16" or "f16x2" or "bf16" or "bf16x2" or "f32" or "f32x2" or "f64")
            && !modifiers.Any(m => m is "rn" or "rz" or "rm" or "rp" or "rna")
                ? modifiers.Prepend("rn")
                : modifiers;
    }
}
