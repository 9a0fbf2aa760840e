using System.Diagnostics;
using System.Net.Sockets;
using Broker.Cli.Stack;

namespace Broker.Cli.Tests.Stack;

public sealed class EmulatorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_on_three_ports_of_its_own_and_leaves_no_process()
    {
        int processId;
        await using (var emulator = await Emulator.StartAsync(new EmulatorOptions(), Cancellation))
        {
            processId = emulator.ProcessId;
            var ports = Endpoints(emulator).Select(url => url.Port).ToArray();
            Assert.Equal(3, ports.Distinct().Count());
            foreach (var port in ports)
            {
                Assert.NotInRange(port, 10000, 10002);
                using var socket = new TcpClient();
                await socket.ConnectAsync("127.0.0.1", port, Cancellation);
            }
        }

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(processId));
    }

    [Fact]
    public async Task Two_of_them_stand_beside_each_other()
    {
        await using var one = await Emulator.StartAsync(new EmulatorOptions(), Cancellation);
        await using var other = await Emulator.StartAsync(new EmulatorOptions(), Cancellation);
        Assert.Empty(Endpoints(one).Intersect(Endpoints(other)));
    }

    [Fact]
    public async Task Stopping_takes_less_than_the_grace_that_is_followed_by_a_kill()
    {
        var emulator = await Emulator.StartAsync(new EmulatorOptions(), Cancellation);
        var watch = Stopwatch.StartNew();
        await emulator.DisposeAsync();
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task A_port_that_somebody_holds_for_a_moment_is_waited_for()
    {
        EmulatorOptions again;
        await using (var emulator = await Emulator.StartAsync(new EmulatorOptions(), Cancellation)) again = emulator.Again;
        using var holder = new TcpListener(System.Net.IPAddress.Loopback, again.Ports!.Table);
        holder.Start();
        var starting = Emulator.StartAsync(again, Cancellation);

        // The emulator takes its tables' port last; by then it has been refused at least once.
        await Task.WhenAny(starting, Task.Delay(TimeSpan.FromSeconds(3), Cancellation));
        Assert.False(starting.IsCompleted);
        holder.Stop();
        await using var back = await starting;
        Assert.Equal(again.Ports, back.Again.Ports);
    }

    private static Uri[] Endpoints(Emulator emulator) =>
        [.. emulator.ConnectionString.Split(';').Where(part => part.Contains("Endpoint=", StringComparison.Ordinal)).Select(part => new Uri(part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..]))];
}
