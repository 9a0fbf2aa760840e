using Azure;

namespace Broker.Storage.Tests;

public class StorageTroubleTests
{
    public static TheoryData<string, Exception, bool> Cases => new()
    {
        { "refused", new RequestFailedException(503, "busy"), true },
        { "an answer that broke off", new IOException("reset"), true },
        { "an answer that did not come in time", new TaskCanceledException("exceeded the configured timeout"), true },
        { "every try in another way", new AggregateException(new RequestFailedException(0, "refused"), new IOException(), new TaskCanceledException()), true },
        { "a bug", new InvalidOperationException(), false },
        { "a bug beside trouble", new AggregateException(new RequestFailedException(503, "busy"), new InvalidOperationException()), false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Trouble_is_told_from_a_bug(string what, Exception exception, bool isTrouble) =>
        Assert.True(StorageTrouble.Is(exception) == isTrouble, what);
}
