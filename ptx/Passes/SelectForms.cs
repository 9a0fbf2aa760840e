using Broker.Ptx.Instructions;
using Broker.Ptx.Syntax;

namespace Broker.Ptx.Passes;

/// <summary>Gives every instruction its form from the table, and lists those that have none.</summary>
internal static class SelectForms
{
    public static (ParsedModule Module, IReadOnlyList<PtxError> Errors) Run(ParsedModule module)
    {
        var errors = new List<PtxError>();
        var items = module.Items.Select(item => item is Function { Body: { } body } function ? function with { Body = Select(body, errors) } : item);
        return (module with { Items = [.. items] }, errors);
    }

    private static List<Statement> Select(IReadOnlyList<Statement> statements, List<PtxError> errors) =>
        [.. statements.Select(statement => statement switch
        {
            InstructionStatement instruction => new InstructionStatement(Select(instruction.Instruction, errors)),
            ScopeStatement scope => new ScopeStatement(Select(scope.Statements, errors)),
            _ => statement,
        })];

    private static Instruction Select(Instruction instruction, List<PtxError> errors)
    {
        var (selected, error) = InstructionTable.Select(instruction);
        if (error is not null) errors.Add(error);
        return selected;
    }
}
