using Microsoft.Extensions.Options;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Audit;
using SmsGateway.Workers.Ingest;
using SmsGateway.Workers.Partitions;

using StackExchange.Redis;

namespace SmsGateway.Tests.Core.Credits;

/// <summary>What tests of money do to stores.</summary>
internal static class MoneyStores
{
    private const string Dispatcher = "dispatcher";

    public static MoneyReader NewReader(this Stores stores) => new(stores.Connection, stores.Database, stores.Shards);

    public static Reconciliation NewReconciliation(this Stores stores) => new(stores.Database, stores.NewReader());

    public static Adjuster NewAdjuster(this Stores stores) => new(
        stores.Connection, stores.Database, stores.Shards, stores.Gate, stores.Loader, new(stores.Database), stores.Sync, TimeProvider.System);

    public static IngestTransaction NewIngestTransaction(this Stores stores) =>
        new(stores.Database, new PartitionCatalog(stores.Database, Options.Create(new PartitionsOptions())));

    /// <summary>Writes a ledger row of a top-up and tells nobody.</summary>
    public static Task AddTopUpRowAsync(this Stores stores, long userId, long units) => stores.ExecuteAsync(
        "INSERT INTO credit_ledger (user_id, kind, amount, reference) VALUES ($1, 'topup', $2, gen_random_uuid()::text)", userId, units);

    /// <summary>Runs cancel.lua as the API does; returns its code.</summary>
    public static async Task<int> CancelAsync(this Stores stores, QueuedMessage message)
    {
        var keys = stores.Keys;
        var outcome = new Outcome { Id = message.Id, State = MessageState.Cancelled, At = stores.Clock.GetUtcNow() };
        return (int)await stores.Gate.RunAsync(
            RedisScript.Cancel,
            [keys.Messages, keys.Cancelled, keys.Scheduled, keys.StatusBuffer, keys.Cancellation(message.Id), keys.Epoch],
            [message.Id.ToString(), RedisKeys.ScheduledMember(message), MessageJson.Write(outcome), 60]);
    }

    /// <summary>Claims messages as a dispatcher does: from here on they may have been sent.</summary>
    public static async Task<IReadOnlyList<Guid>> ClaimDispatchAsync(this Stores stores, int most)
    {
        var keys = stores.Keys;
        var claimed = (RedisValue[])(await stores.Gate.RunAsync(
            RedisScript.ClaimDispatch,
            [keys.ExpressRotation, keys.NormalRotation, keys.Messages, keys.DispatchClaim(Dispatcher), keys.Cancelled, keys.Epoch, keys.DispatchPaused],
            [keys.DispatchListPrefix, Priority.Express.Name(), Priority.Normal.Name(), most, most, 0]))!;
        return [.. claimed.SkipLast(1).Where((_, i) => i % 2 == 0).Select(id => Guid.Parse((string)id!))];
    }

    /// <summary>Ends a message of the dispatcher's claim. Ending it again appends the outcome again.</summary>
    public static Task CompleteDispatchAsync(this Stores stores, Guid id, MessageState state) => RedisScript.CompleteDispatch.RunAsync(
        stores.Redis,
        [stores.Keys.DispatchClaim(Dispatcher), stores.Keys.StatusBuffer],
        [id.ToString(), MessageJson.Write(new Outcome { Id = id, State = state, At = stores.Clock.GetUtcNow() })]);

    /// <summary>Processes the claims that stopped workers have left, as their heir does.</summary>
    public static async Task RecoverAsync(this Stores stores)
    {
        var ingester = stores.NewIngester(stores.NewWorker());
        foreach (var id in await stores.Redis.HashKeysAsync(stores.Keys.IngestClaims))
        {
            await ingester.ProcessAsync(stores.Keys, (await ingester.ReadClaimAsync(stores.Keys, Guid.Parse((string)id!)))!, default);
        }

        var flush = stores.NewStatusFlush(stores.NewWorker());
        foreach (var id in await stores.Redis.HashKeysAsync(stores.Keys.StatusClaims))
        {
            await flush.ProcessAsync(stores.Keys, (await flush.ReadClaimAsync(stores.Keys, Guid.Parse((string)id!)))!, default);
        }

        await stores.NewAdjuster().CompleteAllAsync(default);
    }

    /// <summary>Lets everything settle: nothing is left in a buffer, and every balance is loaded and synced.</summary>
    public static async Task DrainAsync(this Stores stores, IEnumerable<long> accounts)
    {
        await stores.RecoverAsync();
        await stores.IngestAsync();
        await stores.FlushStatusAsync();
        while (await stores.Redis.SortedSetLengthAsync(stores.Keys.ParkedOutcomes) > 0)
        {
            stores.Clock.Advance(TimeSpan.FromSeconds(2));
            await stores.FlushStatusAsync();
        }

        foreach (long userId in accounts)
        {
            await stores.Redis.KeyDeleteAsync(stores.Keys.BalanceLoad(userId));
            Assert.Equal(BalanceLoadResult.Loaded, await stores.Loader.LoadAsync(userId, default));
        }

        await stores.Sync.SyncAllAsync(default);
    }

    /// <summary>Asserts that no invariant of money is broken, and that the account has exactly this much everywhere.</summary>
    public static async Task AssertSettledAsync(this Stores stores, IReadOnlyDictionary<long, long> balances)
    {
        foreach (var (userId, balance) in balances)
        {
            Assert.Equal((userId, balance, 0), (userId, (await stores.MoneyAsync(userId)).Balance, (await stores.MoneyAsync(userId)).Pending));
            Assert.Equal((userId, balance), (userId, await stores.DatabaseBalanceAsync(userId)));
        }

        Assert.Equal(0, await stores.Redis.HashLengthAsync(stores.Keys.BufferedCost));
        Assert.DoesNotContain(await new MoneyAudit(stores.Database, stores.NewReconciliation()).RunAsync(default), line => line.IsViolation);
    }
}
