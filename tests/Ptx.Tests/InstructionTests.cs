namespace Broker.Ptx.Tests;

public class InstructionTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Ptx.Tests", "Instructions");

    public static TheoryData<string> Files => new(Directory.GetFiles(Folder, "*.ptx").Select(f => Path.GetFileNameWithoutExtension(f)).Order());

    [Theory]
    [MemberData(nameof(Files))]
    public void Instruction_gives_the_expected_bits(string file)
    {
        var test = InstructionCase.Read(Path.Combine(Folder, file + ".ptx"));
        foreach (var lanes in (int[])[1, 8, 16])
            Assert.Equal($"{lanes} lanes\n{Show(test, test.Buffers.Select(b => b.Pack()))}", $"{lanes} lanes\n{Show(test, Run(test, test.Text, lanes))}");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Canonical_text_gives_the_same_bits(string file)
    {
        var test = InstructionCase.Read(Path.Combine(Folder, file + ".ptx"));
        var canonical = Module.Parse(test.Text).Canonicalise().Text;
        Assert.Equal(Show(test, test.Buffers.Select(b => b.Pack())), Show(test, Run(test, canonical, 1)));
    }

    private static List<byte[]> Run(InstructionCase test, string text, int lanes)
    {
        using var memory = new DeviceMemory();
        var buffers = test.Buffers.Select(b => memory.Allocate(b.Name, b.Pack().Length, b.IsResult)).ToList();
        foreach (var (buffer, content) in buffers.Zip(test.Buffers))
            if (!content.IsResult)
                buffer.Write(0, content.Pack());

        var kernel = CompiledKernel.Compile(Module.Parse(text), "test");
        var launch = new KernelLaunch(
            new Dim3(1, 1, 1), new Dim3((uint)test.Threads, 1, 1), 0, buffers.SelectMany(b => BitConverter.GetBytes(b.Address)).ToArray());
        var outcome = kernel.Run(launch, memory, new RunOptions { MaxThreads = 1, Lanes = lanes }, TestContext.Current.CancellationToken);
        Assert.Equal((LaunchStatus.Completed, null), (outcome.Status, outcome.Fault));
        return [.. buffers.Select(b => b.Span(0, (int)b.Bytes).ToArray())];
    }

    private static string Show(InstructionCase test, IEnumerable<byte[]> contents) =>
        string.Join('\n', test.Buffers.Zip(contents).Where(p => p.First.IsResult).Select(p =>
            $"{p.First.Name}: {string.Join(' ', p.Second.Chunk(p.First.ElementBytes).Select(c => Convert.ToHexString([.. c.Reverse()])))}"));
}
