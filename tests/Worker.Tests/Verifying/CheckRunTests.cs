using System.Net;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Core.Verification;

namespace Broker.Worker.Tests.Verifying;

public sealed class CheckRunTests : IDisposable
{
    private static readonly VerificationSpec Sampled = new() { Mode = VerificationMode.Sample };
    private static readonly VerificationSpec Full = new() { Mode = VerificationMode.Full };

    private readonly CheckDesk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task An_honest_result_passes_and_the_message_is_deleted()
    {
        _desk.Assign(Documents.Saxpy() with { Verification = Sampled });
        var verdict = await _desk.JudgeNextAsync();
        Assert.Equal((VerdictKind.Passed, null), (verdict.Kind, verdict.Reason));
        Assert.Equal((1, 1), (verdict.Blocks, verdict.Sampled));
        Assert.True(verdict.Steps > 0 && verdict.CpuSeconds > 0 && verdict.FetchedBytes > 0);
        Assert.Equal(0, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task Zeros_in_place_of_a_block_fail_and_the_block_is_named()
    {
        _desk.Assign(Documents.Store(blocks: 3000, bytes: 12000) with { Verification = Full }, results => results["out"].AsSpan(4 * 1234, 4).Clear());
        var verdict = await _desk.JudgeNextAsync();
        Assert.Equal(VerdictKind.Failed, verdict.Kind);
        Assert.Equal(1, verdict.MismatchCount);
        Assert.Equal(new BlockIndex(0, 1234), verdict.Mismatches.Single().Block);
        Assert.Contains("block 1234 of launch 0", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_result_is_judged_the_same_again()
    {
        var document = Documents.Store(blocks: 3000, bytes: 12000) with { Verification = Sampled };
        void Cheat(Dictionary<string, byte[]> results)
        {
            for (var block = 0; block < 3000; block += 17) results["out"].AsSpan(4 * block, 4).Clear();
        }

        _desk.Assign(document, Cheat);
        var first = await _desk.JudgeNextAsync();
        _desk.Assign(document, Cheat);
        var second = await _desk.JudgeNextAsync();
        Assert.Equal(VerdictKind.Failed, first.Kind);
        Assert.Equal((first.Reason, first.MismatchCount, first.Sampled, first.ComparedLeaves), (second.Reason, second.MismatchCount, second.Sampled, second.ComparedLeaves));
        Assert.Equal(first.Mismatches.Select(mismatch => mismatch.Block), second.Mismatches.Select(mismatch => mismatch.Block));
    }

    [Theory]
    [InlineData("outputs/out/0")]
    [InlineData("leaves/out/0")]
    public async Task What_is_withheld_fails(string blob)
    {
        _desk.Assign(Documents.Store(blocks: 3000, bytes: 12000) with { Verification = Sampled });
        _desk.Storage.Blobs.TryRemove(blob, out _);
        var verdict = await _desk.JudgeNextAsync();
        Assert.Equal(VerdictKind.Failed, verdict.Kind);
        Assert.EndsWith("cannot be had: nothing is stored there", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("outputs/out/0", 4)]
    [InlineData("outputs/out/0", 11999)]
    [InlineData("leaves/out/0", 64)]
    [InlineData("leaves/out/0", 97)]
    public async Task What_is_stored_at_another_length_fails(string blob, int length)
    {
        _desk.Assign(Documents.Store(blocks: 3000, bytes: 12000) with { Verification = Full });
        _desk.Storage.Blobs[blob] = [.. _desk.Storage.Blobs[blob].Concat(new byte[1]).Take(length)];
        var verdict = await _desk.JudgeNextAsync();
        Assert.Equal(VerdictKind.Failed, verdict.Kind);
        Assert.Contains("stored where", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_of_every_part_are_read()
    {
        var bytes = (64 << 20) + 5000;
        var document = Documents.Store(blocks: 2000, bytes: bytes, offset: bytes - 8000) with { Verification = Full };
        _desk.Assign(document);
        Assert.Equal(VerdictKind.Passed, (await _desk.JudgeNextAsync()).Kind);
        _desk.Assign(document, results => results["out"][bytes - 2] ^= 1);
        var verdict = await _desk.JudgeNextAsync();
        Assert.Equal(new BlockIndex(0, 1999), verdict.Mismatches.Single().Block);
    }

    [Fact]
    public async Task A_job_of_several_launches_is_executed_as_a_whole()
    {
        _desk.Assign(Documents.Count() with { Verification = Full });
        Assert.Equal(VerdictKind.Passed, (await _desk.JudgeNextAsync()).Kind);
        _desk.Assign(Documents.Count() with { Verification = Full }, results => results["out"][0] ^= 1);
        var verdict = await _desk.JudgeNextAsync();
        Assert.Equal(VerdictKind.Failed, verdict.Kind);
        Assert.Equal(("out", 0L), (verdict.Mismatches.Single().Buffer, verdict.Mismatches.Single().Offset));
    }

    [Theory]
    [InlineData(4, 13, VerdictKind.Passed)]
    [InlineData(3, 13, VerdictKind.Failed)]
    [InlineData(4, 12, VerdictKind.Failed)]
    public async Task A_claim_of_a_fault_is_tried(long block, int line, VerdictKind kind)
    {
        var document = Documents.Store(blocks: 5, bytes: 16) with { Verification = Sampled };
        CheckDesk.AssignClaim(_desk.Broker, _desk.Storage, document, new KernelFaultRecord("outOfBounds", line, "it faults", new BlockIndex(0, block), 0));
        Assert.Equal(kind, (await _desk.JudgeNextAsync()).Kind);
    }

    [Fact]
    public async Task A_kernel_that_never_ends_leaves_it_open_and_the_next_check_is_made()
    {
        _desk.Assign(Documents.Endless() with { Verification = Full with { Budget = TimeSpan.FromSeconds(1) } });
        var verdict = await _desk.JudgeNextAsync();
        Assert.Equal((VerdictKind.Inconclusive, "the check took more than the 1 cpu-seconds of verification.budget"), (verdict.Kind, verdict.Reason));
        Assert.True(verdict.CpuSeconds > 1);

        _desk.Assign(Documents.Saxpy() with { Verification = Sampled });
        Assert.Equal(VerdictKind.Passed, (await _desk.JudgeNextAsync()).Kind);
    }

    [Fact]
    public async Task A_kernel_that_takes_too_much_memory_leaves_it_open_and_the_next_check_is_made()
    {
        _desk.Assign(Documents.Hog() with { Verification = Full });
        var verdict = await _desk.JudgeNextAsync();
        Assert.Equal((VerdictKind.Inconclusive, $"the check took more than {CheckDesk.Memory} bytes of memory"), (verdict.Kind, verdict.Reason));

        _desk.Assign(Documents.Saxpy() with { Verification = Sampled });
        Assert.Equal(VerdictKind.Passed, (await _desk.JudgeNextAsync()).Kind);
    }

    [Theory]
    [InlineData(HttpStatusCode.Conflict)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task A_stale_check_is_dropped_with_its_message(HttpStatusCode status)
    {
        _desk.Assign(Documents.Saxpy());
        _desk.Broker.Fail = route => route.EndsWith("/start", StringComparison.Ordinal) ? status : null;
        await _desk.LookUntilAsync(() => _desk.Storage.MessageCount == 0);
        Assert.Empty(_desk.Broker.Verdicts);
        Assert.Equal(0, _desk.Storage.Reads);
    }

    [Fact]
    public async Task A_check_that_turns_stale_while_its_links_are_renewed_is_dropped()
    {
        var starts = 0;
        _desk.Broker.LinkLife = TimeSpan.FromSeconds(1);
        _desk.Broker.Fail = route => route.EndsWith("/start", StringComparison.Ordinal) && ++starts > 1 ? HttpStatusCode.Conflict : null;
        _desk.Assign(Documents.Saxpy() with { Verification = Sampled });
        await _desk.LookUntilAsync(() => _desk.Storage.MessageCount == 0);
        Assert.Empty(_desk.Broker.Verdicts);
    }

    [Fact]
    public async Task Links_that_end_soon_are_asked_for_again()
    {
        _desk.Broker.LinkLife = TimeSpan.FromSeconds(1);
        _desk.Assign(Documents.Saxpy() with { Verification = Sampled });
        Assert.Equal(VerdictKind.Passed, (await _desk.JudgeNextAsync()).Kind);
        Assert.True(_desk.Broker.Requests.Count(route => route.EndsWith("/start", StringComparison.Ordinal)) > 3);
    }

    [Fact]
    public async Task A_result_that_the_storage_does_not_give_is_nobodys_fault_and_the_check_comes_again()
    {
        _desk.Storage.Refuse = "outputs/";
        _desk.Assign(Documents.Saxpy() with { Verification = Sampled });
        await _desk.LookUntilAsync(() => _desk.Storage.Refusals > 0);
        Assert.Empty(_desk.Broker.Verdicts);
        Assert.Equal(1, _desk.Storage.MessageCount);

        _desk.Storage.Refuse = null;
        _desk.Storage.ShowAll();
        Assert.Equal(VerdictKind.Passed, (await _desk.JudgeNextAsync()).Kind);
        Assert.Equal(0, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task A_link_that_the_order_lacks_is_not_the_workers_fault()
    {
        _desk.Assign(Documents.Saxpy() with { Verification = Sampled });
        var (key, order) = _desk.Broker.Checks.Single();
        _desk.Broker.Checks[key] = order with { Outputs = [] };
        await _desk.LookUntilAsync(() => _desk.Storage.Reads >= 4);
        Assert.Empty(_desk.Broker.Verdicts);
        Assert.Equal(1, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task An_input_with_another_hash_is_not_the_workers_fault()
    {
        _desk.Storage.Blobs["content/" + ContentHash.Of(Documents.InputX).Hex] = Documents.InputY;
        _desk.Assign(Documents.Saxpy() with { Verification = Sampled });
        await _desk.LookUntilAsync(() => _desk.Storage.Reads >= 2);
        Assert.Empty(_desk.Broker.Verdicts);
        Assert.Equal(1, _desk.Storage.MessageCount);
    }

    [Fact]
    public async Task A_verdict_waits_for_a_broker_in_trouble()
    {
        var failures = 12;
        _desk.Broker.Fail = route => route.EndsWith("/verdict", StringComparison.Ordinal) && failures-- > 0 ? HttpStatusCode.ServiceUnavailable : null;
        _desk.Assign(Documents.Saxpy() with { Verification = Sampled });
        Assert.Equal(VerdictKind.Passed, (await _desk.JudgeNextAsync()).Kind);
        Assert.Equal(0, _desk.Storage.MessageCount);
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("{\"job\":\"x\",\"replica\":0,\"attempt\":1,\"check\":1}")]
    public async Task A_message_that_nobody_can_read_is_deleted(string body)
    {
        _desk.Storage.Send(body);
        await _desk.LookUntilAsync(() => _desk.Storage.MessageCount == 0);
    }
}
