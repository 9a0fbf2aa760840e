using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Broker.Core;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Worker.Execution.Cpu;

namespace Broker.Worker;

/// <summary>The command line of a worker.</summary>
internal sealed class WorkerCommand
{
    /// <summary>A .NET program with a compiled kernel takes about half of it.</summary>
    private const long LeastCheckMemory = 256L << 20;

    private static readonly int Cores = Environment.ProcessorCount;

    private readonly TextOption<WorkerRole> _role = new(
        "--role", "provider runs jobs; verifier executes blocks of them again and judges results, for an operator who trusts it. Default: provider.",
        "provider or verifier", TryReadRole, () => WorkerRole.Provider);

    private readonly TextOption<Uri> _url = new(
        "--url", "The broker's URL.", "an address such as https://broker.example.org", TryReadUrl);

    private readonly TextOption<string> _key = new(
        "--key", "The API key of an account with the same role. The worker registers with it, and gets a key of its own.", "the key", TryReadText);

    private readonly TextOption<string> _name = new(
        "--name", "The worker's name; it keeps its identity by it. Default: this machine's name.", "1 to 60 characters", TryReadText,
        () => Environment.MachineName);

    private readonly TextOption<PoolName> _pool = new(
        "--pool", "The pool to offer in. Default: default.", PoolName.Rule, PoolName.TryParse, () => PoolName.Default);

    private readonly TextOption<Money> _price = new(
        "--price", "Credits per second of running. Default: 0.001.", "decimal text such as 0.001", Money.TryParse, () => new Money(1000));

    private readonly TextOption<Money> _startPrice = new(
        "--start-price", "Credits per started job. Default: 0.", "decimal text such as 0.05", Money.TryParse, () => Money.Zero);

    private readonly TextOption<int> _slots = new(
        "--slots", "How many jobs run at once. Default: 1.", "a number from 1 to 64", (text, out value) => TryReadNumber(text, 1, 64, out value), () => 1);

    private readonly TextOption<long> _slotMemory = new(
        "--slot-memory", "Memory that one job may use, or one check. Default: three quarters of this machine's, shared evenly.", Quantities.BytesRule,
        TryReadBytes, () => 0);

    private readonly TextOption<int> _threads = new(
        "--threads", "Threads that one job may use. Default: the cores, shared evenly.", "a number from 1 to 1024",
        (text, out value) => TryReadNumber(text, 1, 1024, out value), () => 0);

    private readonly TextOption<long> _cache = new(
        "--cache", "How much of programs and inputs is kept on disk. Default: 4GB.", Quantities.BytesRule, TryReadBytes, () => 4L << 30);

    private readonly TextOption<int> _drain = new(
        "--drain-seconds", "How long a stopping worker lets its jobs go on, or its check; what is left is handed back. Default: 60.",
        "a number from 0 to 86400", (text, out value) => TryReadNumber(text, 0, 86_400, out value), () => 60);

    /// <param name="run">Runs the worker and gives its exit code.</param>
    public RootCommand Create(Func<WorkerOptions, Task<int>> run)
    {
        var command = new RootCommand(
            "Runs GPU jobs for a broker, or verifies their results. SIGTERM or Ctrl-C lets what runs come to its end and leaves the market; a second one stops at once.");
        _role.AddTo(command);
        _url.AddTo(command);
        _key.AddTo(command);
        _name.AddTo(command);
        _pool.AddTo(command);
        _price.AddTo(command);
        _startPrice.AddTo(command);
        _slots.AddTo(command);
        _slotMemory.AddTo(command);
        _threads.AddTo(command);
        _cache.AddTo(command);
        _drain.AddTo(command);
        command.Validators.Add(CheckVerifier);
        command.SetAction((parsed, _) => run(Read(parsed)));
        return command;
    }

    private WorkerOptions Read(ParseResult parsed)
    {
        var role = _role.Read(parsed);
        var slots = role == WorkerRole.Verifier ? 1 : _slots.Read(parsed);
        var threads = _threads.Read(parsed);
        var slotMemory = _slotMemory.Read(parsed);
        return new WorkerOptions
        {
            Role = role,
            Url = _url.Read(parsed),
            Key = _key.Read(parsed),
            Name = _name.Read(parsed),
            Pool = _pool.Read(parsed),
            PricePerSecond = _price.Read(parsed),
            StartPrice = _startPrice.Read(parsed),
            Slots = slots,
            SlotMemoryBytes = slotMemory > 0 ? slotMemory : CpuFacts.DefaultSlotMemory(CpuFacts.MemoryBytes, slots),
            Threads = threads > 0 ? threads : Math.Max(1, Cores / slots),
            CacheBytes = _cache.Read(parsed),
            Drain = TimeSpan.FromSeconds(_drain.Read(parsed)),
        };
    }

    /// <summary>A verifier makes no offer. What the environment says of one is left alone there: it may be meant for workers beside it.</summary>
    private void CheckVerifier(CommandResult result)
    {
        if (_role.Peek(result) != WorkerRole.Verifier) return;
        string?[] given = [_pool.FindGiven(result), _price.FindGiven(result), _startPrice.FindGiven(result), _slots.FindGiven(result), _threads.FindGiven(result)];
        foreach (var name in given.OfType<string>()) result.AddError($"{name} is for providers: a verifier makes no offer, and one check at a time");
        if (_slotMemory.Peek(result) is > 0 and < LeastCheckMemory) result.AddError($"--slot-memory: a check needs {Quantities.FormatBytes(LeastCheckMemory)} or more");
    }

    private static bool TryReadRole(string text, out WorkerRole value)
    {
        value = text == "verifier" ? WorkerRole.Verifier : WorkerRole.Provider;
        return text is "verifier" or "provider";
    }

    private static bool TryReadUrl(string text, out Uri value) =>
        Uri.TryCreate(text, UriKind.Absolute, out value!) && (value.Scheme == Uri.UriSchemeHttp || value.Scheme == Uri.UriSchemeHttps);

    private static bool TryReadText(string text, out string value)
    {
        value = text;
        return text.Length > 0;
    }

    private static bool TryReadNumber(string text, int least, int most, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;

    private static bool TryReadBytes(string text, out long value) => Quantities.TryParseBytes(text, out value) && value > 0;
}
