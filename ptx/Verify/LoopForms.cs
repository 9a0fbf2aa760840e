using Broker.Ptx.Passes;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Verify;

/// <summary>Gives the registers that a loop counts with a form: where they start, and a step times the number of the round.</summary>
internal sealed class LoopForms(SsaForm form, LaunchValues launch, FindAffineValues values)
{
    private const int MaxSteps = 64;

    /// <summary>Gets how often each loop runs at most, by its header, where that is known.</summary>
    public Dictionary<int, long> Rounds { get; } = [];

    /// <summary>Gives the counters of a loop their values.</summary>
    /// <returns>What holds in its header in every round.</returns>
    public ConditionList Visit(Loop loop, BasicBlock header, ConditionList known, Dictionary<SsaValue, AffineValue> found)
    {
        var entries = form.Graph.Predecessors[loop.Header].Where(p => !loop.Blocks.Contains(p)).ToList();
        var latches = form.Graph.Predecessors[loop.Header].Where(loop.Blocks.Contains).ToList();
        if (entries.Count != 1 || latches.Count != 1) return known;
        var (entry, latch) = (form.Graph.Blocks[entries[0]], form.Graph.Blocks[latches[0]]);
        var counters = form.PhisOf(header).Select(phi => FindCounter(phi, entry, latch)).OfType<Counter>().ToList();
        var exits = loop.Blocks.Where(b => form.Graph.Dominates(b, latches[0])).Select(b => FindExit(loop, form.Graph.Blocks[b])).OfType<Exit>().ToList();
        var lasts = exits.Select(exit => FindLastRound(exit, counters)).OfType<long>().ToList();
        if (lasts.Count == 0) return known;
        Rounds[loop.Header] = lasts.Min() + 1;
        var round = AffineForm.Of(launch.New("round", 0, lasts.Min()));
        foreach (var counter in counters) found[counter.Phi] = counter.Start with { Form = AffineForm.Sum(counter.Start.Form, round, counter.Step) };

        // The header is entered once from outside, and what holds there then may hold in every round.
        var before = values.ConditionsAfter(entry, header);
        return new ConditionList(before, [.. exits.Where(e => e.Block == latch).SelectMany(e => Always(e, counters, round, before))]);
    }

    /// <summary>Finds what sends a thread into the next round, and holds in the first round too.</summary>
    private List<AffineForm> Always(Exit exit, List<Counter> counters, AffineForm round, ConditionList before)
    {
        var facts = new Facts([.. before.All(), .. values.Arithmetic.Ties]);
        var first = Staying(exit, counters, c => AffineForm.Sum(c.Start.Form, AffineForm.Of(-c.Step)));
        var each = Staying(exit, counters, c => AffineForm.Sum(c.Start.Form, round, c.Step)?.Plus(-c.Step));
        return [.. first.Zip(each).Where(p => p.First is not null && facts.ProveNotNegative(p.First)).Select(p => p.Second).OfType<AffineForm>()];
    }

    /// <summary>Gives what is sure where a thread stays in the loop, by what its counters hold.</summary>
    private List<AffineForm?> Staying(Exit exit, List<Counter> counters, Func<Counter, AffineForm?> valueOf) =>
        [.. BranchConditions.Comparison(exit.Comparison, exit.Stays, operand => Operand(exit, operand, counters, valueOf))];

    private AffineValue Operand(Exit exit, int operand, List<Counter> counters, Func<Counter, AffineForm?> valueOf)
    {
        if (FindCounted(exit, operand, counters) is not { } counted) return values.Of(exit.Comparison, exit.Comparison.Operands[operand]);
        return counted.Counter.Start with { Form = valueOf(counted.Counter)?.Plus(counted.Passed) };
    }

    private (Counter Counter, long Passed)? FindCounted(Exit exit, int operand, List<Counter> counters)
    {
        if (exit.Comparison.Operands[operand] is not RegisterOperand register) return null;
        var (phi, passed) = Trace(form.ReadBy(exit.Comparison, register.Register));
        var counter = counters.Find(c => c.Phi == phi);
        return counter is null ? null : (counter, passed);
    }

    private long? FindLastRound(Exit exit, List<Counter> counters)
    {
        var counted = FindCounted(exit, 1, counters) ?? FindCounted(exit, 2, counters);
        if (counted is not var (counter, passed) || counter.Step == 0) return null;
        // Of two that move it is not followed which comes around first.
        if (counted.Value.Counter != (FindCounted(exit, 2, counters) ?? counted).Value.Counter) return null;
        if ((exit.Comparison.Modifiers[0], exit.Stays) is ("ne", true) or ("eq", false))
        {
            var (a, b) = (Operand(exit, 1, counters, c => c.Start.Form), Operand(exit, 2, counters, c => c.Start.Form));
            var distance = AffineForm.Sum(b.Form, a.Form, -1);
            if (a.Root != b.Root || distance is not { IsConstant: true }) return null;
            var ahead = FindCounted(exit, 1, counters) is null ? -distance.Constant : distance.Constant;
            return ahead % counter.Step == 0 && ahead / counter.Step >= 0 ? ahead / counter.Step : null;
        }

        var first = Staying(exit, counters, c => c.Start.Form);
        var next = Staying(exit, counters, c => c.Start.Form?.Plus(c.Step));
        var lasts = first.Zip(next).Select(p => LastRound(p.First, AffineForm.Sum(p.Second, p.First, -1))).OfType<long>().ToList();
        return lasts.Count > 0 && StaysWithin(exit, counter, passed, lasts.Min()) ? lasts.Min() : null;
    }

    /// <summary>Finds the round after which a sum that falls by a constant is surely negative.</summary>
    private static long? LastRound(AffineForm? start, AffineForm? slope)
    {
        if (start is null || slope is not { IsConstant: true, Constant: < 0 }) return null;
        var last = start.High < 0 ? 0 : start.High / -slope.Constant + 1;
        return last < 1L << 40 ? (long)last : null;
    }

    /// <summary>Says whether a counter stays a number of its type, so that it never comes around.</summary>
    private static bool StaysWithin(Exit exit, Counter counter, long passed, long last)
    {
        var compared = exit.Comparison.OperandTypes[1];
        var type = counter.Start.Root is not null ? ScalarType.S64 : compared.IsSigned ? compared : new ScalarType(TypeClass.Unsigned, compared.Bits);
        var (first, final) = (counter.Start.Form?.Plus(passed), counter.Start.Form?.Plus(passed + (Int128)counter.Step * last));
        return first is not null && final is not null
            && AffineArithmetic.Read(first, type)?.Constant == first.Constant && AffineArithmetic.Read(final, type)?.Constant == final.Constant;
    }

    private Counter? FindCounter(SsaPhi phi, BasicBlock entry, BasicBlock latch)
    {
        var start = values.Of(phi.Inputs[entry]);
        if (start.Form is null) return null;
        var (origin, step) = Trace(phi.Inputs[latch]);
        return origin == phi ? new Counter(phi, start, step) : null;
    }

    /// <summary>Follows sums with constants back to the phi where they began.</summary>
    private (SsaValue? Origin, long Passed) Trace(SsaValue value)
    {
        Int128 passed = 0;
        for (var steps = 0; steps < MaxSteps; steps++)
        {
            if (value is SsaPhi) return Int128.Abs(passed) < 1L << 40 ? (value, (long)passed) : (null, 0);
            if (value is not SsaResult { Instruction: var instruction } || instruction.Opcode is not ("mov" or "add" or "sub")) break;
            if (instruction.OperandTypes[0].Class is TypeClass.Float or TypeClass.Brain or TypeClass.Predicate || instruction.Has("cc") || instruction.Has("sat")) break;
            var (operand, other) = instruction.Opcode == "add" && Constant(instruction, 1) is not null ? (2, 1) : (1, 2);
            if (instruction.Operands[operand] is not RegisterOperand next) break;
            if (instruction.Opcode != "mov")
            {
                if (Constant(instruction, other) is not { } constant) break;
                passed += instruction.Opcode == "sub" ? -constant : constant;
            }

            value = form.ReadBy(instruction, next.Register);
        }

        return (null, 0);
    }

    private long? Constant(Instruction instruction, int operand) =>
        values.Of(instruction, instruction.Operands[operand]) is { Root: null, Form: { IsConstant: true } constant } ? constant.Constant : null;

    private Exit? FindExit(Loop loop, BasicBlock block)
    {
        if (block.End is not Branch branch || branch.Taken == branch.Otherwise) return null;
        var (stays, leaves) = (loop.Blocks.Contains(form.Graph.NumberOf(branch.Taken)), loop.Blocks.Contains(form.Graph.NumberOf(branch.Otherwise)));
        var negated = branch.Predicate as NegatedOperand;
        if (stays == leaves || (negated?.Inner ?? branch.Predicate) is not RegisterOperand register) return null;
        return form.ReadAtEnd(block, register.Register) is SsaResult { Instruction: { Opcode: "setp", Operands: [RegisterOperand, _, _] } comparison }
            ? new Exit(block, comparison, stays == negated is null)
            : null;
    }

    private sealed record Counter(SsaPhi Phi, AffineValue Start, long Step);

    /// <summary>Is a comparison that every round makes, and its result where the thread stays.</summary>
    private sealed record Exit(BasicBlock Block, Instruction Comparison, bool Stays);
}
