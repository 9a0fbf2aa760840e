using System.Collections.Immutable;
using Broker.Core.Api;
using Broker.Core.Documents;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Market;
using Broker.Tests;

namespace Broker.Core.Tests.Api;

public class RequestCheckTests
{
    private static readonly NewAccount Account = new(new string('a', 100), [Role.Submitter, Role.Provider, Role.Operator]);
    private static readonly DeviceFacts Device = new(new string('k', 20), new string('n', 200), 999, 1L << 50);
    private static readonly NewWorker Worker = new(new string('w', 60), Device, Make.PublicKey);
    private static readonly NewOffer Offer = new() { PricePerSecond = ApiLimits.Price, StartPrice = ApiLimits.Price, Slots = 64, SlotMemoryBytes = 1L << 50 };
    private static readonly RunningAttempt Running = new(JobId.Parse(new string('0', 24)), 0, 1, "run00001", new Progress(0, 5, 5));

    public static TheoryData<string, ImmutableArray<DocumentError>, string[]> Cases => new()
    {
        { "an account at its limits", RequestCheck.Check(Account), [] },
        { "no name", RequestCheck.Check(Account with { Name = "" }), ["$.name: must have 1 to 100 printable characters"] },
        { "a long name", RequestCheck.Check(Account with { Name = new string('a', 101) }), ["$.name: must have 1 to 100 printable characters"] },
        { "a name that moves the cursor", RequestCheck.Check(Account with { Name = "a\u001b[2J" }), ["$.name: must have 1 to 100 printable characters"] },
        { "no role", RequestCheck.Check(Account with { Roles = [] }), ["$.roles: must be one or more of submitter, provider, verifier and operator, each once"] },
        { "a role twice", RequestCheck.Check(Account with { Roles = [Role.Operator, Role.Operator] }), ["$.roles: must be one or more of submitter, provider, verifier and operator, each once"] },
        { "a worker's role", RequestCheck.Check(Account with { Roles = [Role.Worker] }), ["$.roles: must be one or more of submitter, provider, verifier and operator, each once"] },
        { "a worker at its limits", RequestCheck.Check(Worker), [] },
        { "a worker without a name", RequestCheck.Check(Worker with { Name = "" }), ["$.name: must have 1 to 60 printable characters"] },
        { "a long kind", RequestCheck.Check(Worker with { Device = Device with { Kind = new string('k', 21) } }), ["$.device.kind: must have 1 to 20 printable characters"] },
        { "a long device name", RequestCheck.Check(Worker with { Device = Device with { Name = new string('k', 201) } }), ["$.device.name: must have 1 to 200 printable characters"] },
        { "a capability of 9", RequestCheck.Check(Worker with { Device = Device with { ComputeCapability = 9 } }), ["$.device.computeCapability: must be ten times the compute capability, from 10 to 999: 90 for 9.0"] },
        { "no memory", RequestCheck.Check(Worker with { Device = Device with { MemoryBytes = 0 } }), ["$.device.memoryBytes: must be from 1 to 1125899906842624, not 0"] },
        { "too much memory", RequestCheck.Check(Worker with { Device = Device with { MemoryBytes = (1L << 50) + 1 } }), ["$.device.memoryBytes: must be from 1 to 1125899906842624, not 1125899906842625"] },
        { "no key", RequestCheck.Check(Worker with { PublicKey = "" }), ["$.publicKey: must be a public key of the curve P-256: a SubjectPublicKeyInfo in base64"] },
        { "a key with one byte too many", RequestCheck.Check(Worker with { PublicKey = Convert.ToBase64String([.. Convert.FromBase64String(Make.PublicKey), 0]) }), ["$.publicKey: must be a public key of the curve P-256: a SubjectPublicKeyInfo in base64"] },
        { "an offer at its limits", RequestCheck.Check(Offer), [] },
        { "a dear second", RequestCheck.Check(Offer with { PricePerSecond = new Money(ApiLimits.Price.Micros + 1) }), ["$.pricePerSecond: is 1000000.000001 credits; at most 1000000.00 are allowed"] },
        { "a dear start", RequestCheck.Check(Offer with { StartPrice = new Money(ApiLimits.Price.Micros + 1) }), ["$.startPrice: is 1000000.000001 credits; at most 1000000.00 are allowed"] },
        { "no slot", RequestCheck.Check(Offer with { Slots = 0 }), ["$.slots: must be from 1 to 64, not 0"] },
        { "too many slots", RequestCheck.Check(Offer with { Slots = 65 }), ["$.slots: must be from 1 to 64, not 65"] },
        { "slots without memory", RequestCheck.Check(Offer with { SlotMemoryBytes = 0 }), ["$.slotMemoryBytes: must be from 1 to 1125899906842624, not 0"] },
        { "a state of the broker's", RequestCheck.Check(Offer with { State = OfferState.Suspended }), ["$.state: must be active or paused"] },
        { "a short run", RequestCheck.Check(new StartRun("1234567")), ["$.run: must have 8 to 32 letters and digits"] },
        { "a long run", RequestCheck.Check(new StartRun(new string('1', 33))), ["$.run: must have 8 to 32 letters and digits"] },
        { "a run with a path", RequestCheck.Check(new StartRun("../12345")), ["$.run: must have 8 to 32 letters and digits"] },
        { "a run", RequestCheck.Check(new StartRun("12345678")), [] },
        { "a heartbeat at its limits", RequestCheck.Check(new Heartbeat([.. Enumerable.Repeat(Running, 64)])), [] },
        { "more runs than slots", RequestCheck.Check(new Heartbeat([.. Enumerable.Repeat(Running, 65)])), ["$.running: has 65 items; at most 64 are allowed"] },
        { "a run without a name", RequestCheck.Check(new Heartbeat([Running, Running with { Run = "" }])), ["$.running[1].run: must have 8 to 32 letters and digits"] },
        { "attempt 0", RequestCheck.Check(new Heartbeat([Running with { Replica = -1, Attempt = 0 }])), ["$.running[0].replica: must be from 0 to 2147483647, not -1", "$.running[0].attempt: must be from 1 to 2147483647, not 0"] },
        { "more done than there is", RequestCheck.Check(new Heartbeat([Running with { Progress = new Progress(-1, 6, 5) }])), ["$.running[0].progress.step: must be from 0 to 2147483647, not -1", "$.running[0].progress.blocksDone: must be from 0 to 5, not 6"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_sent_is_held_against_its_limits(string row, ImmutableArray<DocumentError> found, string[] errors)
    {
        Assert.NotEmpty(row);
        Assert.Equal(errors, found.Select(error => error.ToString()));
    }

    [Fact]
    public void The_dearest_offer_and_the_dearest_job_make_money_that_reads_back()
    {
        var day = ApiLimits.Price + ApiLimits.Price.PerSecondOver(TimeSpan.FromDays(1));
        Assert.Equal(day, Money.Parse(day.ToString()));
        var billed = JobLimits.Credits.Scale(11, 10);
        Assert.Equal(billed, Money.Parse(billed.ToString()));
    }
}
