using System.Net;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;

namespace Broker.Client.Tests;

public class BrokerExceptionTests
{
    private static readonly JobId Job = JobId.Parse("0123456789abcdef01234567");

    [Fact]
    public async Task A_refused_document_is_told_line_by_line()
    {
        var problem = new Problem(
            "urn:broker:problem:invalid-document", "The document is not valid", 400, "2 errors",
            [new DocumentError("$.steps[0].grid", "is empty"), new DocumentError("$.terms.maxPrice", "must be text")]);
        using var client = new ScriptedHandler().ThenDocument(problem, HttpStatusCode.BadRequest).CreateClient();
        var e = await Assert.ThrowsAsync<BrokerException>(() => client.SubmitAsync("{}"u8.ToArray(), cancellation: TestContext.Current.CancellationToken));
        var lines = e.Message.Split(Environment.NewLine);
        Assert.Equal(["The document is not valid: 2 errors", "  $.steps[0].grid: is empty", "  $.terms.maxPrice: must be text"], lines);
        Assert.Equal(HttpStatusCode.BadRequest, e.Status);
        Assert.False(e.IsTrouble);
    }

    [Fact]
    public async Task An_unreachable_broker_is_named_by_its_URL()
    {
        // Port 9 of the loopback: nobody listens, and no name has to be looked up.
        using var client = BrokerClient.Create(new Uri("http://127.0.0.1:9/some/path"), null);
        var e = await Assert.ThrowsAsync<BrokerException>(() => client.ReadHealthAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith("Cannot reach http://127.0.0.1:9: ", e.Message, StringComparison.Ordinal);
        Assert.True(e.IsTrouble);
    }

    [Fact]
    public async Task A_stranger_on_the_port_is_not_taken_for_the_broker()
    {
        using var client = new ScriptedHandler().Then(HttpStatusCode.OK, "<html>hello</html>", "text/html").CreateClient();
        var e = await Assert.ThrowsAsync<BrokerException>(() => client.ReadJobAsync(Job, TestContext.Current.CancellationToken));
        Assert.Equal("The answer is not a broker's: http://broker.test said 200 OK: check the URL", e.Message);
    }
}
