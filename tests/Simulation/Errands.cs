using System.Collections.Immutable;
using Broker.Core;
using Broker.Core.Api;
using Broker.Core.Ids;
using Broker.Core.Jobs;
using Broker.Functions.Api;
using Broker.Functions.Jobs;
using Broker.Storage;
using Broker.Storage.Rows;
using Broker.Tests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Simulation;

/// <summary>What is asked of the broker beside the course of a job.</summary>
internal static class Errands
{
    private static readonly PoolName Here = PoolName.Parse("here");
    private static readonly PoolName There = PoolName.Parse("there");
    private static readonly WorkerId Worker = WorkerId.Derive(Make.Provider, "worker");
    private static readonly DateTimeOffset Later = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static ImmutableArray<Func<StorageAccount, Errand>> All { get; } =
    [
        FirstStart, AccountMade, WorkerRegisters, WorkerRegistersAgain, OfferMade, OfferMoves, OfferWithdrawn, JobDeleted,
        .. ContentErrands.All,
    ];

    private static Errand FirstStart(StorageAccount account)
    {
        var keys = new List<string>();
        string[] needed =
        [
            .. from name in (string[])["jobs", "pools", "accounts", "workers", "directory"] select $"{name} table",
            .. from name in (string[])["content", "staging", "outputs", "leaves", "logs", "receipts", "roots"] select $"{name} container",
            .. from name in Functions.FunctionTable.QueueNamesToCreate select $"{name} queue",
        ];
        return new Errand(
            "the program starts for the first time",
            services => Functions.Hosting.FirstStart.RunAsync(
                services.GetRequiredService<BrokerStorage>(), services.GetRequiredService<AccountStore>(), keys.Add, CancellationToken.None),
            async services =>
            {
                if (needed.Except(account.Made).FirstOrDefault() is { } missing) return $"there is no {missing}";
                return keys.Count == 0 ? "no key was shown" : await CheckKeyAsync(services, keys[^1], AccountId.Operator, Role.Operator);
            });
    }

    private static Errand AccountMade(StorageAccount account)
    {
        AccountCreated? made = null;
        return new Errand(
            "an account is made",
            async services => made = await services.GetRequiredService<AccountStore>().OpenAsync(new NewAccount("someone", [Role.Submitter]), CancellationToken.None),
            services => CheckKeyAsync(services, made!.Key, made.Id, Role.Submitter));
    }

    private static Errand WorkerRegisters(StorageAccount account)
    {
        var key = "";
        return new Errand("a worker registers", async services => key = await RegisterAsync(services), services => CheckWorkerAsync(services, account, key));
    }

    private static Errand WorkerRegistersAgain(StorageAccount account)
    {
        var (key, older) = ("", "");
        return new Errand(
            "a worker registers again",
            async services => key = await RegisterAsync(services),
            async services => await services.GetRequiredService<AccountStore>().FindPrincipalAsync(older, CancellationToken.None) is null
                ? await CheckWorkerAsync(services, account, key)
                : "its older key is still good")
        {
            Prepare = async services => older = await RegisterAsync(services),
        };
    }

    private static Errand OfferMade(StorageAccount account) => new(
        "an offer is made", services => OfferAsync(services, Here), services => CheckOffersAsync(services, Here))
    { Prepare = JoinAsync };

    private static Errand OfferMoves(StorageAccount account)
    {
        var inBoth = false;
        account.Tables.Committed += _ => inBoth |= IsOffered(Here) && IsOffered(There);
        return new Errand(
            "an offer moves to another pool",
            services => OfferAsync(services, There),
            async services => inBoth ? "it was for sale in both pools" : await CheckOffersAsync(services, There))
        {
            Prepare = async services =>
            {
                await JoinAsync(services);
                await OfferAsync(services, Here);
            },
        };

        bool IsOffered(PoolName pool) => account.Tables.Find("pools", pool.ToString(), PoolRows.OfferKey(Worker)) is not null;
    }

    private static Errand OfferWithdrawn(StorageAccount account) => new(
        "an offer is withdrawn",
        services => services.GetRequiredService<OfferStore>().RemoveAsync(Here, Worker, CancellationToken.None),
        services => CheckOffersAsync(services, null))
    {
        Prepare = async services =>
        {
            await JoinAsync(services);
            await OfferAsync(services, Here);
        },
    };

    private static Errand JobDeleted(StorageAccount account)
    {
        var job = Make.Job();
        var id = job.After.Id;
        return new Errand(
            "a job is deleted",
            async services =>
            {
                if (await services.GetRequiredService<JobStore>().FindAsync(id, CancellationToken.None) is { } stored)
                    await services.GetRequiredService<JobRemoval>().RunAsync(stored.Job, CancellationToken.None);
            },
            _ => Task.FromResult(FindTrace(account, id)))
        {
            Prepare = async services =>
            {
                await services.GetRequiredService<Submission>().WriteAsync(job, CancellationToken.None);
                await services.GetRequiredService<JobChanges>().ApplyAsync(id, current => Lifecycle.Cancel(current, "by its submitter", Make.Noon), CancellationToken.None);
                foreach (var name in (string[])[$"outputs/{id}/0-1/run/out/0000", $"outputs/{id}/0-1/run/out/0001", $"logs/{id}/0-1/run"])
                    account.Blobs.Write(name, [1], null, mustBeMissing: true);
            },
        };
    }

    private static string? FindTrace(StorageAccount account, JobId job)
    {
        var rows = account.Tables.Scan("jobs", job.ToString())
            .Concat(account.Tables.Scan("accounts", Make.Submitter.ToString())).Concat(account.Tables.Scan("pools", PoolName.Default.ToString()));
        return rows.Select(row => row.Key).Concat(account.Blobs.Names("")).FirstOrDefault() is { } left ? $"{left} is left" : null;
    }

    private static async Task<string> RegisterAsync(IServiceProvider services)
    {
        var worker = new NewWorker("worker", Make.Offer().Device, Make.PublicKey);
        var answer = await services.GetRequiredService<WorkerRegistration>().RegisterAsync(Make.Provider, worker, CancellationToken.None);
        return ((IValueHttpResult<WorkerRegistered>)answer).Value!.Key;
    }

    /// <summary>Registers, and lives on: the sweep takes the offers of the silent away.</summary>
    private static async Task JoinAsync(IServiceProvider services)
    {
        await RegisterAsync(services);
        await services.GetRequiredService<WorkerStore>().BeatAsync(Make.Provider, new WorkerPulse(Worker, Later, []), CancellationToken.None);
    }

    private static async Task<string?> CheckWorkerAsync(IServiceProvider services, StorageAccount account, string key)
    {
        if (await services.GetRequiredService<WorkerStore>().FindAsync(Make.Provider, Worker, CancellationToken.None) is not { } record) return "it is not there";
        if (record.KeyHash != AccountStore.HashOf(key)) return "another key than the one it was told would end with its next registration";
        if (!account.Made.Contains("attempts queue")) return "it has no queue";
        var principal = await services.GetRequiredService<AccountStore>().FindPrincipalAsync(key, CancellationToken.None);
        return principal?.Worker == Worker ? null : "its key is not good";
    }

    private static async Task<string?> CheckKeyAsync(IServiceProvider services, string key, AccountId account, Role role)
    {
        var accounts = services.GetRequiredService<AccountStore>();
        if (await accounts.FindAsync(account, CancellationToken.None) is not { } found || !found.Roles.Contains(role)) return "there is no such account";
        var principal = await accounts.FindPrincipalAsync(key, CancellationToken.None);
        return principal is not null && principal.Account == account && principal.Is(role) ? null : "the key is not good";
    }

    private static async Task OfferAsync(IServiceProvider services, PoolName pool)
    {
        var worker = await services.GetRequiredService<WorkerStore>().FindAsync(Make.Provider, Worker, CancellationToken.None);
        var asked = new NewOffer { Pool = pool, PricePerSecond = new Money(100), SlotMemoryBytes = 1 << 20 };
        await services.GetRequiredService<OfferIntake>().PutAsync(worker!, asked, Later, CancellationToken.None);
    }

    /// <summary>Checks that the worker's offer stands in one pool, or in none.</summary>
    private static async Task<string?> CheckOffersAsync(IServiceProvider services, PoolName? expected)
    {
        var offers = services.GetRequiredService<OfferStore>();
        foreach (var pool in (PoolName[])[Here, There])
        {
            if ((await offers.FindAsync(pool, Worker, CancellationToken.None) is not null) != (pool == expected)) return $"the offer in pool {pool} is not as it must be";
        }

        if (expected is not { } one) return null;
        if ((await services.GetRequiredService<WorkerStore>().FindAsync(Make.Provider, Worker, CancellationToken.None))?.Pool != one) return "the worker does not know its pool";
        return (await services.GetRequiredService<PoolDirectory>().ListAsync(CancellationToken.None)).Contains(one) ? null : "no sweep knows the pool";
    }
}
