using Broker.Worker.Attempts;
using Broker.Worker.Tests.Attempts;

namespace Broker.Worker.Tests.Intake;

public sealed class ReceptionTests : IDisposable
{
    private readonly AttemptDesk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task A_message_that_is_seen_again_while_its_attempt_runs_starts_nothing_and_is_deleted_in_the_end()
    {
        _desk.Assign(Documents.Endless());
        var run = Assert.Single(await _desk.ReceiveAsync());
        var running = _desk.RunAsync(run);
        await Eventually.TrueAsync(() => !_desk.Broker.Starts.IsEmpty);
        _desk.Storage.ShowAll();
        Assert.Empty(await _desk.ReceiveAsync());
        Assert.Equal(1, _desk.Storage.MessageCount);

        run.Stop(StopReason.Withdrawn);
        await running;
        Assert.Single(_desk.Broker.Starts);
        Assert.Equal(0, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task A_second_message_for_a_running_attempt_is_deleted_at_once()
    {
        var attempt = _desk.Assign(Documents.Endless());
        var run = Assert.Single(await _desk.ReceiveAsync());
        _desk.Storage.Send(attempt);
        Assert.Empty(await _desk.ReceiveAsync());
        Assert.Equal(1, _desk.Storage.MessageCount);
        Assert.Equal(StopReason.None, run.StopReason);
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("null")]
    [InlineData("{\"job\":\"x\",\"replica\":0,\"attempt\":1}")]
    public async Task A_message_that_nobody_can_read_is_deleted(string body)
    {
        _desk.Storage.Send(body);
        Assert.Empty(await _desk.ReceiveAsync());
        Assert.Equal(0, _desk.Storage.MessageCount);
    }
}
