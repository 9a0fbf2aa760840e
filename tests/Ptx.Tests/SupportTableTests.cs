using Broker.Ptx.Instructions;

namespace Broker.Ptx.Tests;

public class SupportTableTests
{
    [Fact]
    public void Document_says_what_the_table_says()
    {
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "ptx-support.md")).ReplaceLineEndings("\n");
        Assert.True(document == SupportTable.Write(), "remake it: dotnet run --project bench -- ptx-support > docs/ptx-support.md");
    }

    [Fact]
    public void Every_opcode_runs_or_has_a_reason_why_not()
    {
        var held = InstructionTable.All.Select(f => f.Opcode).ToHashSet();
        Assert.DoesNotContain(Opcodes.All, opcode => !held.Contains(opcode) && Refusals.Find(opcode) is null);
    }
}
