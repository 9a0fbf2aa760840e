using System.Text;
using Broker.Core.Documents;

namespace Broker.Core.Tests.Documents;

public class NullItemsTests
{
    [Theory]
    [InlineData("""{ "a": null, "b": [1, "x", {}, []] }""", null)]
    [InlineData("null", null)]
    [InlineData("[null]", "$[0]")]
    [InlineData("""{ "running": [{}, null] }""", "$.running[1]")]
    [InlineData("""{ "a": [[0, [null]], null] }""", "$.a[0][1][0]")]
    [InlineData("""{ "a": [{ "b": { "c": [null] } }] }""", "$.a[0].b.c[0]")]
    public void The_first_null_in_an_array_is_found(string json, string? path) => Assert.Equal(path, NullItems.Find(Encoding.UTF8.GetBytes(json)));
}
