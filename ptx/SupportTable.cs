using System.Diagnostics;
using System.Text;
using Broker.Ptx.Instructions;

namespace Broker.Ptx;

/// <summary>Writes down which instructions the engine runs, and why it refuses the others.</summary>
/// <remarks>Pure: it shows the instruction table itself, so that it cannot say anything else.</remarks>
public static class SupportTable
{
    private const string Intro = """
        # What of PTX the engine runs

        Made from the instruction table by `dotnet run --project bench -- ptx-support > docs/ptx-support.md`; a test holds this file against it.

        `{.a|.b}` is one of these or none, `.(a|b)` one of these. `d` is a result, `a`, `b`, `c` are operands, `p` and `q` predicates, `[a]` is a
        place in memory. Results of `approx` instructions follow a model inside the error that the manual allows, those of `mma` and `wmma` on
        floating-point numbers the model that `MatrixMath` describes; neither is a GPU's bit for bit. Which lane of a `wmma` holds which element is
        the engine's own, as `FragmentShape` has it. All others are fixed by the manual, but for the payload of a NaN.

        """;

    /// <summary>Gives the whole text, in Markdown.</summary>
    public static string Write()
    {
        var text = new StringBuilder(Intro.ReplaceLineEndings("\n"));
        text.Append("\n## Runs\n\n```\n");
        foreach (var form in InstructionTable.All.OrderBy(f => f.Opcode, StringComparer.Ordinal)) text.Append(Spell(form)).Append('\n');
        text.Append("```\n\n## Refused\n\nBy name and line, when a program is submitted. The same goes for modifiers and types that are not listed above.\n");
        foreach (var (reason, opcodes) in Refusals.For(Missing))
            text.Append("\n- ").Append(reason).Append(' ').AppendJoin(", ", opcodes.Select(o => $"`{o}`")).Append('\n');
        return text.ToString();
    }

    /// <summary>Gets the opcodes that no form has; each has its reason.</summary>
    private static HashSet<string> Missing
    {
        get
        {
            var missing = Opcodes.All.Except(InstructionTable.All.Select(f => f.Opcode)).ToHashSet();
            return missing.FirstOrDefault(o => Refusals.Find(o) is null) is { } opcode ? throw new UnreachableException(opcode) : missing;
        }
    }

    private static string Spell(InstructionForm form)
    {
        var modifiers = form.Pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word =>
        {
            var choices = word.Trim('{', '}', '<', '>');
            return word[0] == '{' ? $"{{.{choices.Replace("|", "|.")}}}" : choices.Contains('|') ? $".({choices})" : $".{choices}";
        });
        return $"{form.Opcode}{string.Concat(modifiers)} {string.Join(", ", Operands(form))}".TrimEnd();
    }

    private static IEnumerable<string> Operands(InstructionForm form)
    {
        var source = 'a';
        foreach (var shape in form.Shapes)
        {
            var name = shape.Role switch
            {
                OperandRole.Destination or OperandRole.FragmentResult => "d",
                OperandRole.DestinationPair => "d|p",
                OperandRole.Source or OperandRole.Exchanged or OperandRole.Fragment => source++.ToString(),
                OperandRole.Memory => "[a]",
                OperandRole.Predicate => "q",
                OperandRole.PredicateOut => "p",
                OperandRole.Arguments => "(arguments)",
                var role => role.ToString().ToLowerInvariant(),
            };
            yield return shape.Optional ? $"{{{name}}}" : name;
        }
    }
}
