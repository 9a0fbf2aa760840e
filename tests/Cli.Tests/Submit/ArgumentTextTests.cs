using System.Text.Json.Nodes;
using Broker.Cli.Submit;
using Broker.Core.Ids;

namespace Broker.Cli.Tests.Submit;

public sealed class ArgumentTextTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broker-arguments-").FullName;

    [Theory]
    [InlineData("u32:7", """{"u32":"7"}""")]
    [InlineData("u32:4294967295", """{"u32":"4294967295"}""")]
    [InlineData("u32:0xFFFFFFFF", """{"u32":"4294967295"}""")]
    [InlineData("s32:-2147483648", """{"s32":"-2147483648"}""")]
    [InlineData("u64:18446744073709551615", """{"u64":"18446744073709551615"}""")]
    [InlineData("s64:-9223372036854775808", """{"s64":"-9223372036854775808"}""")]
    [InlineData("f32:0.5", """{"f32":0.5}""")]
    [InlineData("f64:-1e300", """{"f64":-1E+300}""")]
    [InlineData("f32:nan", """{"f32":"NaN"}""")]
    [InlineData("f64:inf", """{"f64":"Infinity"}""")]
    [InlineData("f64:-Infinity", """{"f64":"-Infinity"}""")]
    [InlineData("bytes:AQI=", """{"bytes":"AQI="}""")]
    public void A_value_makes_an_argument_and_no_buffer(string text, string argument)
    {
        var read = ArgumentText.Read(text, "arg0");
        Same(argument, read.Argument);
        Assert.Null(read.Buffer);
        Assert.Null(read.Content);
    }

    [Theory]
    [InlineData("out:4MB", """{"role":"output","bytes":4194304}""")]
    [InlineData("scratch:100", """{"role":"scratch","bytes":100}""")]
    public void A_size_makes_a_buffer_of_zeros(string text, string buffer)
    {
        var read = ArgumentText.Read(text, "arg3");
        Same("""{"buffer":"arg3"}""", read.Argument);
        Same(buffer, read.Buffer);
        Assert.Null(read.Content);
    }

    [Theory]
    [InlineData("in", "input")]
    [InlineData("inout", "inout")]
    public void A_file_makes_a_buffer_that_starts_with_it(string form, string role)
    {
        var hash = ContentHash.Of([1, 2, 3]);
        var read = ArgumentText.Read($"{form}:@{Write("x.bin", [1, 2, 3])}", "x");
        Same("""{"buffer":"x"}""", read.Argument);
        Same($$"""{"role":"{{role}}","content":"{{hash}}"}""", read.Buffer);
        Assert.Equal(("x.bin", hash, 3), (read.Content!.Name, read.Content.Hash, read.Content.Bytes));
    }

    [Fact]
    public void Bytes_of_a_file_stand_in_the_document_itself()
    {
        var read = ArgumentText.Read($"bytes:@{Write("struct.bin", [1, 2, 3])}", "arg0");
        Same("""{"bytes":"AQID"}""", read.Argument);
        Assert.Null(read.Content);
    }

    [Fact]
    public void A_single_precision_number_is_rounded_once()
    {
        // Just below the middle between 1 and the next float: by way of a double it lands on the middle and then goes up.
        var read = ArgumentText.Read("f32:1.00000005960464477538", "arg0");
        Assert.Equal(1f, float.Parse(read.Argument["f32"]!.ToJsonString(), null));
    }

    [Theory]
    [InlineData("", "is none of out:SIZE")]
    [InlineData("7", "is none of out:SIZE")]
    [InlineData("i32:7", "is none of out:SIZE")]
    [InlineData("U32:7", "is none of out:SIZE")]
    [InlineData("out:", "needs a size")]
    [InlineData("out:0", "needs a size")]
    [InlineData("out:-4", "needs a size")]
    [InlineData("scratch:4 parsecs", "needs a size")]
    [InlineData("in:data.bin", "needs a file, as in in:@data.bin")]
    [InlineData("inout:4MB", "needs a file, as in inout:@data.bin")]
    [InlineData("u32:4294967296", "needs a whole number from 0 to 4294967295")]
    [InlineData("u32:-1", "needs a whole number from 0 to")]
    [InlineData("u32:1.5", "needs a whole number")]
    [InlineData("u32:0x", "needs a whole number")]
    [InlineData("u32:0x100000000", "needs a whole number")]
    [InlineData("s32:2147483648", "from -2147483648 to 2147483647")]
    [InlineData("u64:18446744073709551616", "to 18446744073709551615")]
    [InlineData("s64:9223372036854775808", "to 9223372036854775807")]
    [InlineData("f32:", "needs a number that fits in f32 such as 0.5")]
    [InlineData("f32:1e39", "needs a number that fits in f32 such as 0.5")]
    [InlineData("f64:1e309", "needs a number that fits in f64 such as 0.5")]
    [InlineData("f64:half", "needs a number that fits in f64 such as 0.5")]
    [InlineData("bytes:", "needs base64")]
    [InlineData("bytes:***", "needs base64")]
    public void What_it_cannot_be_is_refused_with_what_it_may_be(string text, string why)
    {
        var e = Assert.Throws<CommandException>(() => ArgumentText.Read(text, "arg0"));
        Assert.Equal(ExitCode.BadInput, e.Code);
        Assert.StartsWith($"--arg '{text}' ", e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("in")]
    [InlineData("inout")]
    [InlineData("bytes")]
    public void A_missing_or_empty_file_is_named(string form)
    {
        var missing = Path.Combine(_folder, "missing.bin");
        var e = Assert.Throws<CommandException>(() => ArgumentText.Read($"{form}:@{missing}", "arg0"));
        Assert.Equal((ExitCode.BadInput, $"There is no file '{missing}'."), (e.Code, e.Message));

        var empty = Write("empty.bin", []);
        e = Assert.Throws<CommandException>(() => ArgumentText.Read($"{form}:@{empty}", "arg0"));
        Assert.StartsWith($"The file '{empty}' is empty", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void Same(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}, got {actual?.ToJsonString()}");
}
