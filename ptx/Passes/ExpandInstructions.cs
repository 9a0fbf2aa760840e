using Broker.Ptx.Expansions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Puts instructions that do several things at once in terms of others that do one, so that later passes know these alone.</summary>
internal static class ExpandInstructions
{
    private const int MaxStatements = 1 << 17;

    public static FlatBody Run(FlatBody body)
    {
        var statements = new List<Statement>(body.Statements.Count);
        var stack = new ThreadStack(body.Entry);
        foreach (var statement in body.Statements)
        {
            if (statement is InstructionStatement { Instruction: { Form.Expand: { } expand } instruction }) Append(instruction, expand, stack, statements);
            else statements.Add(statement);
            if (statements.Count > MaxStatements)
                throw new PtxException(new PtxError(
                    PtxErrorKind.NotSupported, body.Entry.Line, body.Entry.Column, $"kernels of more than {MaxStatements} instructions, counting what matrices and copies are made of"));
        }

        return stack.IsUsed
            ? body with { Statements = [stack.Start, .. statements], Variables = [.. body.Variables, stack.Memory] }
            : body with { Statements = statements };
    }

    private static void Append(Instruction instruction, Action<Expansion, Instruction> expand, ThreadStack stack, List<Statement> statements)
    {
        var expansion = new Expansion(instruction, stack);
        var after = new Label("after");
        if (instruction.Guard is { } guard) expansion.Branch(after, guard is NegatedOperand negated ? negated.Inner : new NegatedOperand(guard));
        expand(expansion, instruction);
        if (instruction.Guard is not null) expansion.Mark(after);
        statements.AddRange(expansion.Statements);
    }
}
