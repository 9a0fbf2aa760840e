using System.Runtime.InteropServices;
using Broker.Cli.Demo.References;

namespace Broker.Cli.Tests.Demo.References;

public sealed class SgemmCheckTests
{
    private static readonly SgemmCheck Sgemm = new();
    private static readonly float[] Right = Multiply();

    [Fact]
    public void A_product_in_single_precision_passes()
    {
        var outcome = Check(Right);
        Assert.True(outcome.Passed, outcome.Text);
    }

    // The bound of an element is near 0.004: 512 products of about a quarter each, at 512 half units in the last place.
    [Theory]
    [InlineData(0, 0.01f)]
    [InlineData(100_000, -0.01f)]
    [InlineData(SgemmCheck.Size * SgemmCheck.Size - 1, 0.01f)]
    [InlineData(7, float.NaN)]
    public void One_changed_element_is_refused(int at, float change)
    {
        var changed = (float[])Right.Clone();
        changed[at] += change;
        Assert.False(Check(changed).Passed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(SgemmCheck.MatrixBytes - 4)]
    [InlineData(SgemmCheck.MatrixBytes + 4)]
    public void Another_length_is_refused(int bytes)
    {
        var output = new byte[bytes];
        var right = MemoryMarshal.AsBytes<float>(Right);
        right[..Math.Min(bytes, right.Length)].CopyTo(output);
        var outcome = Sgemm.Check(output);
        Assert.False(outcome.Passed);
        Assert.Contains("1,048,576 were due", outcome.Text, StringComparison.Ordinal);
    }

    private static CheckOutcome Check(float[] product) => Sgemm.Check(MemoryMarshal.AsBytes<float>(product));

    private static float[] Multiply()
    {
        const int Size = SgemmCheck.Size;
        var a = MemoryMarshal.Cast<byte, float>(Sgemm.A).ToArray();
        var b = MemoryMarshal.Cast<byte, float>(Sgemm.B).ToArray();
        var c = new float[Size * Size];
        for (var row = 0; row < Size; row++)
        {
            for (var k = 0; k < Size; k++)
            {
                var factor = a[row * Size + k];
                for (var column = 0; column < Size; column++) c[row * Size + column] += factor * b[k * Size + column];
            }
        }

        return c;
    }
}
