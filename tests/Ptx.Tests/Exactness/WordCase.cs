namespace Broker.Ptx.Tests.Exactness;

/// <summary>Gives the bits of a result for the bits of up to three operands.</summary>
internal delegate ulong WordReference(ulong a, ulong b, ulong c);

/// <summary>Is an operation on words, and what it must give: references of it are quick enough for very many patterns.</summary>
/// <remarks>Its body stands between the operands <c>%v0</c>, <c>%v1</c>, ... and the result, the register after them. Operands that are floating-point numbers have formats, for which their patterns are drawn.</remarks>
internal sealed record WordCase(string Name, string Body, int[] Widths, int ResultWidth, WordReference Expected, ReferenceFormat?[] Reals)
{
    public static WordCase Real(string instruction, int operands, WordReference expected, int resultWidth = 32) =>
        new(instruction, Line(instruction, operands), Words(operands), resultWidth, expected, [.. Enumerable.Repeat(ReferenceFormat.F32, operands)]);

    public static WordCase Bits(string instruction, int operands, WordReference expected, int resultWidth = 32) =>
        new(instruction, Line(instruction, operands), Words(operands), resultWidth, expected, new ReferenceFormat?[operands]);

    /// <summary>Writes a kernel of one thread an element.</summary>
    public string Text()
    {
        var names = Widths.Select((_, i) => $"in{i}").ToArray();
        return $$"""
            {{Kernel.Header.Replace("sm_80", "sm_90", StringComparison.Ordinal)}}.visible .entry test({{string.Join(", ", names.Append("out").Select(n => $".param .u64 {n}"))}})
            {
            .reg .pred %p, %q, %s;
            .reg .b32 %block, %blocks, %thread, %index, %t<4>;
            .reg .b64 %place;
            {{string.Join('\n', Widths.Append(ResultWidth).Select((w, i) => $".reg .b{w} %v{i};"))}}
            mov.u32 %block, %ctaid.x;
            mov.u32 %blocks, %ntid.x;
            mov.u32 %thread, %tid.x;
            mad.lo.u32 %index, %block, %blocks, %thread;
            {{string.Join('\n', Widths.Select((w, i) => $"ld.param.u64 %place, [in{i}];\nmad.wide.u32 %place, %index, {w / 8}, %place;\nld.global.b{w} %v{i}, [%place];"))}}
            {{Body}}
            ld.param.u64 %place, [out];
            mad.wide.u32 %place, %index, {{ResultWidth / 8}}, %place;
            st.global.b{{ResultWidth}} [%place], %v{{Widths.Length}};
            ret;
            }
            """;
    }

    public override string ToString() => Name;

    private static int[] Words(int operands) => [.. Enumerable.Repeat(32, operands)];

    private static string Line(string instruction, int operands) =>
        $"{instruction} %v{operands}, {string.Join(", ", Enumerable.Range(0, operands).Select(i => $"%v{i}"))};";
}
