namespace Broker.Ptx.Tests.Exactness;

/// <summary>Is an instruction, the widths of its operands, and what it must give.</summary>
/// <remarks>An operand that is a floating-point number has a format, for which its patterns are drawn.</remarks>
internal sealed record ExactCase(string Instruction, int[] Widths, int ResultWidth, Func<ulong[], ulong> Expected, ReferenceFormat?[] Formats)
{
    public static ExactCase Real(string instruction, ReferenceFormat format, int operands, Func<ulong[], ulong> expected, int? resultWidth = null) =>
        new(instruction, [.. Enumerable.Repeat(format.Width, operands)], resultWidth ?? format.Width, expected, [.. Enumerable.Repeat(format, operands)]);

    public static ExactCase Bits(string instruction, int[] widths, int resultWidth, Func<ulong[], ulong> expected) =>
        new(instruction, widths, resultWidth, expected, new ReferenceFormat?[widths.Length]);

    /// <summary>Writes a kernel of one thread an element.</summary>
    public string Text()
    {
        var names = Widths.Select((_, i) => $"in{i}").ToArray();
        return $$"""
            {{Kernel.Header}}.visible .entry test({{string.Join(", ", names.Append("out").Select(n => $".param .u64 {n}"))}})
            {
            .reg .b32 %block, %blocks, %thread, %index;
            .reg .b64 %place;
            {{string.Join('\n', Widths.Append(ResultWidth).Select((w, i) => $".reg .b{w} %v{i};"))}}
            mov.u32 %block, %ctaid.x;
            mov.u32 %blocks, %ntid.x;
            mov.u32 %thread, %tid.x;
            mad.lo.u32 %index, %block, %blocks, %thread;
            {{string.Join('\n', Widths.Select((w, i) => $"ld.param.u64 %place, [in{i}];\nmad.wide.u32 %place, %index, {w / 8}, %place;\nld.global.b{w} %v{i}, [%place];"))}}
            {{Instruction}} %v{{Widths.Length}}, {{string.Join(", ", Widths.Select((_, i) => $"%v{i}"))}};
            ld.param.u64 %place, [out];
            mad.wide.u32 %place, %index, {{ResultWidth / 8}}, %place;
            st.global.b{{ResultWidth}} [%place], %v{{Widths.Length}};
            ret;
            }
            """;
    }

    public override string ToString() => Instruction;
}
