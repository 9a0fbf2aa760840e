using System.CommandLine;
using Broker.Core;

namespace Broker.Worker.Tests;

public class WorkerCommandTests
{
    private WorkerOptions? _options;

    [Fact]
    public async Task Options_are_read_with_their_units()
    {
        Assert.Equal(0, await InvokeAsync(
            "--url", "http://localhost:1", "--key", "bk_p_s", "--name", "w", "--price", "0.5", "--slots", "2", "--slot-memory", "2GB", "--threads", "3",
            "--pool", "fast", "--drain-seconds", "5"));
        Assert.Equal(Money.Parse("0.5"), _options!.PricePerSecond);
        Assert.Equal(2, _options.Slots);
        Assert.Equal(2L << 30, _options.SlotMemoryBytes);
        Assert.Equal(3, _options.Threads);
        Assert.Equal("fast", _options.ToOffer().Pool.ToString());
        Assert.Equal(TimeSpan.FromSeconds(5), _options.Drain);
    }

    [Fact]
    public async Task What_is_left_out_comes_from_the_machine()
    {
        Assert.Equal(0, await InvokeAsync("--url", "http://localhost:1", "--key", "bk_p_s"));
        Assert.Equal(Environment.MachineName, _options!.Name);
        Assert.Equal(Environment.ProcessorCount, _options.Threads);
        Assert.True(_options.SlotMemoryBytes >= 1 << 20);
    }

    [Fact]
    public async Task A_verifier_needs_no_offer()
    {
        Assert.Equal(0, await InvokeAsync("--role", "verifier", "--url", "http://localhost:1", "--key", "bk_v_s", "--slot-memory", "1GB", "--cache", "1GB", "--drain-seconds", "5"));
        Assert.Equal(WorkerRole.Verifier, _options!.Role);
        Assert.Equal(1L << 30, _options.SlotMemoryBytes);
        Assert.Equal(TimeSpan.FromSeconds(5), _options.Drain);
    }

    [Theory]
    [InlineData("--price", "1")]
    [InlineData("--start-price", "1")]
    [InlineData("--pool", "fast")]
    [InlineData("--slots", "2")]
    [InlineData("--threads", "2")]
    [InlineData("--slot-memory", "1MB")]
    public async Task What_a_verifier_cannot_use_is_refused_by_name(string option, string value)
    {
        var errors = new StringWriter();
        Assert.Equal(1, await InvokeAsync(errors, "--role", "verifier", "--url", "http://localhost:1", "--key", "bk_v_s", option, value));
        Assert.Contains(option, errors.ToString(), StringComparison.Ordinal);
        Assert.Null(_options);
        Assert.Equal(0, await InvokeAsync("--role", "provider", "--url", "http://localhost:1", "--key", "bk_p_s", option, value));
    }

    [Theory]
    [InlineData("--role", "referee")]
    [InlineData("--url", "nonsense")]
    [InlineData("--slots", "0")]
    [InlineData("--price", "-1")]
    [InlineData("--pool", "Not A Pool")]
    [InlineData("--slot-memory", "much")]
    public async Task A_value_that_is_not_valid_is_refused_by_name(string option, string value)
    {
        var errors = new StringWriter();
        string[] others = option == "--url" ? [] : ["--url", "http://localhost:1"];
        Assert.Equal(1, await InvokeAsync(errors, [.. others, "--key", "bk_p_s", option, value]));
        Assert.Contains(option, errors.ToString(), StringComparison.Ordinal);
        Assert.Null(_options);
    }

    [Fact]
    public async Task An_option_that_is_given_twice_or_without_a_value_is_refused()
    {
        var errors = new StringWriter();
        Assert.Equal(1, await InvokeAsync(errors, "--url", "http://localhost:1", "--key", "bk_p_s", "--slots", "1", "--slots", "2", "--price"));
        Assert.Contains("--slots", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("--price", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_does_not_show_the_key_of_the_environment()
    {
        Environment.SetEnvironmentVariable("BROKER_KEY", "bk_p_topsecret");
        try
        {
            var output = new StringWriter();
            await Parse("--help").InvokeAsync(new InvocationConfiguration { Output = output }, TestContext.Current.CancellationToken);
            Assert.Contains("BROKER_KEY", output.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("topsecret", output.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("BROKER_KEY", null);
        }
    }

    private Task<int> InvokeAsync(params string[] arguments) => InvokeAsync(new StringWriter(), arguments);

    private Task<int> InvokeAsync(TextWriter errors, params string[] arguments) =>
        Parse(arguments).InvokeAsync(new InvocationConfiguration { Error = errors, Output = new StringWriter() }, TestContext.Current.CancellationToken);

    private ParseResult Parse(params string[] arguments) => new WorkerCommand().Create(options =>
    {
        _options = options;
        return Task.FromResult(0);
    }).Parse(arguments);
}
