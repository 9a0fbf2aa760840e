using System.Collections.Immutable;
using Broker.Core.Documents;
using Broker.Core.Market;
using Broker.Core.Verification;

namespace Broker.Core.Api;

/// <summary>Holds what is sent to the API against its limits.</summary>
/// <remarks>Pure; all errors at once, each with what is allowed.</remarks>
public static class RequestCheck
{
    public static ImmutableArray<DocumentError> Check(NewAccount account)
    {
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        CheckText(account.Name, "$.name", ApiLimits.AccountNameLength, errors);
        if (account.Roles.Length == 0 || account.Roles.Contains(Role.Worker) || account.Roles.Distinct().Count() != account.Roles.Length)
            errors.Add(new DocumentError("$.roles", "must be one or more of submitter, provider, verifier and operator, each once"));
        return errors.ToImmutable();
    }

    public static ImmutableArray<DocumentError> Check(NewWorker worker)
    {
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        CheckText(worker.Name, "$.name", ApiLimits.WorkerNameLength, errors);
        CheckText(worker.Device.Kind, "$.device.kind", ApiLimits.DeviceKindLength, errors);
        CheckText(worker.Device.Name, "$.device.name", ApiLimits.DeviceNameLength, errors);
        if (worker.Device.ComputeCapability is < 10 or > 999)
            errors.Add(new DocumentError("$.device.computeCapability", "must be ten times the compute capability, from 10 to 999: 90 for 9.0"));
        CheckKey(worker.PublicKey, "$.publicKey", errors);
        CheckRange(worker.Device.MemoryBytes, "$.device.memoryBytes", 1, ApiLimits.MemoryBytes, errors);
        return errors.ToImmutable();
    }

    public static ImmutableArray<DocumentError> Check(NewVerifier verifier)
    {
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        CheckText(verifier.Name, "$.name", ApiLimits.WorkerNameLength, errors);
        return errors.ToImmutable();
    }

    public static ImmutableArray<DocumentError> Check(NewOffer offer)
    {
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        CheckPrice(offer.PricePerSecond, "$.pricePerSecond", errors);
        CheckPrice(offer.StartPrice, "$.startPrice", errors);
        CheckRange(offer.Slots, "$.slots", 1, ApiLimits.Slots, errors);
        CheckRange(offer.SlotMemoryBytes, "$.slotMemoryBytes", 1, ApiLimits.MemoryBytes, errors);
        if (offer.State is not (OfferState.Active or OfferState.Paused)) errors.Add(new DocumentError("$.state", "must be active or paused"));
        return errors.ToImmutable();
    }

    public static ImmutableArray<DocumentError> Check(StartRun start)
    {
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        CheckRun(start.Run, "$.run", errors);
        return errors.ToImmutable();
    }

    public static ImmutableArray<DocumentError> Check(Heartbeat heartbeat)
    {
        var errors = ImmutableArray.CreateBuilder<DocumentError>();
        if (heartbeat.Running.Length > ApiLimits.Running)
            return [new DocumentError("$.running", $"has {heartbeat.Running.Length} items; at most {ApiLimits.Running} are allowed")];
        for (var i = 0; i < heartbeat.Running.Length; i++)
        {
            var (path, running) = ($"$.running[{i}]", heartbeat.Running[i]);
            CheckRun(running.Run, $"{path}.run", errors);
            CheckRange(running.Replica, $"{path}.replica", 0, int.MaxValue, errors);
            CheckRange(running.Attempt, $"{path}.attempt", 1, int.MaxValue, errors);
            if (running.Progress is not { } progress) continue;
            CheckRange(progress.Step, $"{path}.progress.step", 0, int.MaxValue, errors);
            CheckRange(progress.BlocksTotal, $"{path}.progress.blocksTotal", 0, long.MaxValue, errors);
            CheckRange(progress.BlocksDone, $"{path}.progress.blocksDone", 0, Math.Max(0, progress.BlocksTotal), errors);
        }

        return errors.ToImmutable();
    }

    private static void CheckText(string text, string path, int most, ImmutableArray<DocumentError>.Builder errors)
    {
        if (text.Length == 0 || text.Length > most || text.Any(char.IsControl))
            errors.Add(new DocumentError(path, $"must have 1 to {most} printable characters"));
    }

    private static void CheckRun(string run, string path, ImmutableArray<DocumentError>.Builder errors)
    {
        if (run.Length < ApiLimits.ShortestRun || run.Length > ApiLimits.RunLength || !run.All(char.IsAsciiLetterOrDigit))
            errors.Add(new DocumentError(path, $"must have {ApiLimits.ShortestRun} to {ApiLimits.RunLength} letters and digits"));
    }

    private static void CheckKey(string key, string path, ImmutableArray<DocumentError>.Builder errors)
    {
        if (!Signatures.IsKey(key)) errors.Add(new DocumentError(path, "must be a public key of the curve P-256: a SubjectPublicKeyInfo in base64"));
    }

    private static void CheckPrice(Money price, string path, ImmutableArray<DocumentError>.Builder errors)
    {
        if (price > ApiLimits.Price) errors.Add(new DocumentError(path, $"is {price} credits; at most {ApiLimits.Price} are allowed"));
    }

    private static void CheckRange(long value, string path, long least, long most, ImmutableArray<DocumentError>.Builder errors)
    {
        if (value < least || value > most) errors.Add(new DocumentError(path, $"must be from {least} to {most}, not {value}"));
    }
}
