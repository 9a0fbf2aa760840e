using Broker.Ptx.Instructions;
using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Tests.Exactness;

/// <summary>Holds the instruction table against the sweeps: a row that computes and that no sweep takes is named.</summary>
public class CoverageTests
{
    // Operations of 64 bits alone and on predicates have value tests; approximate forms have a model and no reference.
    private static readonly string[] Approximate = ["rsqrt", "sin", "cos", "lg2", "ex2", "tanh"];

    [Fact]
    public void Every_row_on_words_or_halves_is_swept()
    {
        var swept = WordSweepTests.Texts.Concat(ExactCases.All.Select(c => c.Text()))
            .SelectMany(text => SelectForms.Run(Parser.Parse(text)).Module.Functions).SelectMany(f => f.Instructions()).Select(i => i.Form).ToHashSet();
        var rows = ((IEnumerable<InstructionForm>)
            [.. IntegerForms.All, .. WideIntegerForms.All, .. BitForms.All, .. RealForms.All, .. HalfForms.All, .. ComparisonForms.All, .. ConversionForms.All])
            .Where(f => !Approximate.Contains(f.Opcode) && !f.Pattern.Contains("approx", StringComparison.Ordinal) && TakesNarrow(f)).Select(Show).ToHashSet();
        Assert.Equal("", string.Join("\n", rows.Except(swept.OfType<InstructionForm>().Select(Show)).Order()));
    }

    private static bool TakesNarrow(InstructionForm form) =>
        form.Pattern.Split(' ').Any(word => word.Trim('{', '}', '<', '>').Split('|').Any(m => ScalarType.FindOperand(m) is { Bits: < 64, Class: not TypeClass.Predicate }));

    private static string Show(InstructionForm form) => $"{form.Opcode} {form.Pattern} ({form.Operands})";
}
