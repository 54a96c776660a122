using Npgsql;

using SmsGateway.Core.Credits;
using SmsGateway.Core.Schema;
using SmsGateway.Tests.Fixtures;

using StackExchange.Redis;

namespace SmsGateway.Tests.Core.Credits;

[Collection(InfrastructureCollection.Name)]
public sealed class CreditSyncIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task SyncAll_every_account_with_something_to_apply_is_synced()
    {
        // ORIGINAL.md, fault 1: the balance sync returned after the first account of its loop.
        var users = new List<long>();
        for (int i = 0; i < 450; i++)
        {
            users.Add(await _stores.NewAccountAsync(0));
        }

        await _stores.ExecuteAsync("INSERT INTO credit_ledger (user_id, kind, amount, reference) SELECT user_id, 'topup', 5, 'a' FROM credit_accounts");

        Assert.Equal(450, await _stores.Sync.SyncAllAsync(default));

        Assert.Equal(450 * 5, await _stores.ScalarAsync<long>("SELECT sum(balance)::bigint FROM credit_accounts"));
        Assert.Equal(0, await _stores.Sync.SyncAllAsync(default));
    }

    [Fact]
    public async Task Sync_usage_leaves_the_spendable_balance_and_clears_what_is_pending()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        await _stores.AcceptedAsync(_stores.NewMessage(userId, cost: 1_000));
        await _stores.AcceptedAsync(_stores.NewMessage(userId, cost: 2_000));
        await _stores.IngestAsync();

        await _stores.Sync.SyncAllAsync(default);

        Assert.Equal((7_000, 0), await _stores.MoneyAsync(userId));
        Assert.Equal(7_000, await _stores.DatabaseBalanceAsync(userId));
    }

    [Fact]
    public async Task Sync_died_before_telling_Redis_is_made_up_for()
    {
        // ORIGINAL.md, fault 8: the sync cleared Redis before the database committed. Ours may die between the two in either order.
        long userId = await _stores.NewAccountAsync(10_000);
        await _stores.AcceptedAsync(_stores.NewMessage(userId, cost: 1_000));
        await _stores.IngestAsync();
        await _stores.ExecuteAsync("INSERT INTO credit_ledger (user_id, kind, amount, reference) VALUES ($1, 'topup', 500, 'died')", userId);
        await _stores.ExecuteAsync("UPDATE credit_ledger SET sync_seq = 2 WHERE sync_seq IS NULL");
        await _stores.ExecuteAsync("UPDATE credit_accounts SET balance = 9500, sync_seq = 2 WHERE user_id = $1", userId);

        await _stores.Sync.SyncAllAsync(default);

        Assert.Equal((9_500, 0), await _stores.MoneyAsync(userId));
    }

    [Fact]
    public async Task Sync_many_at_once_applies_each_row_once()
    {
        long userId = await _stores.NewAccountAsync(1_000_000);
        await _stores.Loader.LoadAsync(userId, default);
        for (int i = 0; i < 20; i++)
        {
            await _stores.ExecuteAsync(
                "INSERT INTO credit_ledger (user_id, kind, amount, reference) SELECT $1, 'topup', 7, $2 || n::text FROM generate_series(1, 10) AS n", userId, $"{i}-");
            await Task.WhenAll(Enumerable.Range(0, 8).Select(n => n % 2 == 0
                ? _stores.Sync.SyncAllAsync(default)
                : _stores.Sync.SyncAccountAsync(userId, default)));
        }

        await _stores.Sync.SyncAllAsync(default);
        Assert.Equal((1_001_400, 0), await _stores.MoneyAsync(userId));
        Assert.Equal(1_001_400, await _stores.DatabaseBalanceAsync(userId));
    }

    [Fact]
    public async Task SyncAll_locked_account_does_not_hold_up_the_others()
    {
        long locked = await _stores.NewAccountAsync(0);
        long other = await _stores.NewAccountAsync(0);
        await _stores.ExecuteAsync("INSERT INTO credit_ledger (user_id, kind, amount, reference) SELECT user_id, 'topup', 5, 'a' FROM credit_accounts");
        await using var session = await _stores.Database.OpenConnectionAsync();
        await using var transaction = await session.BeginTransactionAsync();
        await using var command = session.CreateCommand();
        command.CommandText = "SELECT 1 FROM credit_accounts WHERE user_id = $1 FOR UPDATE";
        command.Parameters.Add(new() { Value = locked });
        await command.ExecuteScalarAsync();

        await _stores.Sync.SyncAllAsync(default);

        Assert.Equal(0, await _stores.DatabaseBalanceAsync(locked));
        Assert.Equal(5, await _stores.DatabaseBalanceAsync(other));
    }

    [Fact]
    public async Task SyncAll_does_not_wait_for_an_account_that_is_locked_and_not_reflected_yet()
    {
        long locked = await _stores.NewAccountAsync(0);
        await _stores.AddTopUpRowAsync(locked, 5);
        await _stores.Sync.ApplyToDatabaseAsync([locked], CreditSync.LockWait.Wait, default);
        await using var session = await _stores.Database.OpenConnectionAsync();
        await using var transaction = await session.BeginTransactionAsync();
        await using var command = session.CreateCommand();
        command.CommandText = "SELECT 1 FROM credit_accounts FOR UPDATE";
        await command.ExecuteScalarAsync();

        await _stores.Sync.SyncAllAsync(default).WaitAsync(TimeSpan.FromSeconds(20));
        await transaction.RollbackAsync();
        await _stores.Sync.SyncAllAsync(default);

        Assert.Equal(1, await _stores.ScalarAsync<long>("SELECT reflected_seq FROM credit_accounts WHERE user_id = $1", locked));
    }

    [Fact]
    public async Task Sync_does_not_wait_for_a_claim_that_is_landing()
    {
        // An ingest transaction that writes a usage row holds the account's key until it commits.
        long userId = await _stores.NewAccountAsync(10_000);
        await using var session = await _stores.Database.OpenConnectionAsync();
        await using var transaction = await session.BeginTransactionAsync();
        await using var command = session.CreateCommand();
        command.CommandText = "INSERT INTO credit_ledger (user_id, kind, amount, reference) VALUES ($1, 'usage', -1, 'landing')";
        command.Parameters.Add(new() { Value = userId });
        await command.ExecuteNonQueryAsync();
        await _stores.AddTopUpRowAsync(userId, 5);

        await _stores.Sync.SyncAllAsync(default);
        Assert.Equal(10_005, await _stores.DatabaseBalanceAsync(userId));
        await _stores.TopUpAsync(userId, 7).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(10_012, await _stores.DatabaseBalanceAsync(userId));

        await transaction.CommitAsync();
        await _stores.Sync.SyncAllAsync(default);
        Assert.Equal(10_011, await _stores.DatabaseBalanceAsync(userId));
    }

    [Theory]
    [InlineData("user_balance", "abc")]
    [InlineData("pending_deduct", "1.5")]
    [InlineData("sync_seq", "")]
    [InlineData("user_balance", null)]
    [InlineData("sync_seq", null)]
    public async Task SyncAll_account_that_Redis_holds_garbled_does_not_hold_up_the_others(string key, string? value)
    {
        long garbled = await _stores.NewAccountAsync(10_000);
        long other = await _stores.NewAccountAsync(10_000);
        await _stores.Loader.LoadAsync(garbled, default);
        await _stores.Loader.LoadAsync(other, default);
        await GarbleAsync(key switch
        {
            "user_balance" => _stores.Keys.UserBalance(garbled),
            "pending_deduct" => _stores.Keys.PendingDeduct(garbled),
            _ => _stores.Keys.SyncSeq(garbled),
        }, value);
        await _stores.ExecuteAsync("INSERT INTO credit_ledger (user_id, kind, amount, reference) SELECT user_id, 'topup', 5, 'a' FROM credit_accounts");

        await _stores.Sync.SyncAllAsync(default);

        Assert.Equal((10_005, 0), await _stores.MoneyAsync(other));
        Assert.Equal(10_005, await _stores.DatabaseBalanceAsync(garbled));
        Assert.Equal(1, await _stores.ScalarAsync<long>("SELECT reflected_seq FROM credit_accounts WHERE user_id = $1", garbled));
    }

    /// <summary>Null: the key is of another type.</summary>
    private async Task GarbleAsync(RedisKey key, string? value)
    {
        await _stores.Redis.KeyDeleteAsync(key);
        if (value is null)
        {
            await _stores.Redis.ListRightPushAsync(key, "not a number");
        }
        else
        {
            await _stores.Redis.StringSetAsync(key, value);
        }
    }

    [Fact]
    public async Task Sync_by_a_process_that_stands_still_holds_nobody_up_for_ever()
    {
        long userId = await _stores.NewAccountAsync(0);
        var session = new NpgsqlConnectionStringBuilder(_stores.ConnectionString) { Pooling = false };
        DatabaseSessions.Bound(session, TimeSpan.FromMilliseconds(300));
        await using var still = NpgsqlDataSource.Create(session);
        await using var connection = await still.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT 1 FROM credit_accounts FOR NO KEY UPDATE";
        await command.ExecuteScalarAsync();

        await _stores.TopUpAsync(userId, 5).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(5, await _stores.DatabaseBalanceAsync(userId));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
    }

    [Fact]
    public async Task Sync_while_a_balance_is_being_loaded_tells_Redis_again()
    {
        long userId = await _stores.NewAccountAsync(10_000);
        await _stores.Redis.StringSetAsync(_stores.Keys.BalanceLoad(userId), "a loader that has read the database before the top-up");

        await _stores.TopUpAsync(userId, 500);

        Assert.Equal(1, await _stores.ScalarAsync<long>("SELECT reflected_seq FROM credit_accounts WHERE user_id = $1", userId));
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.BalanceLoad(userId));
        await _stores.Sync.SyncAllAsync(default);
        Assert.Equal(2, await _stores.ScalarAsync<long>("SELECT reflected_seq FROM credit_accounts WHERE user_id = $1", userId));
    }
}
