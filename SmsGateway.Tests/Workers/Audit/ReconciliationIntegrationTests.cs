using SmsGateway.Core.Credits;
using SmsGateway.Core.Messages;
using SmsGateway.Tests.Core.Credits;
using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Audit;

namespace SmsGateway.Tests.Workers.Audit;

[Collection(InfrastructureCollection.Name)]
public sealed class ReconciliationIntegrationTests(Infrastructure infrastructure) : IAsyncLifetime
{
    private Stores _stores = null!;
    private long _userId;

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        _userId = await _stores.NewAccountAsync(10_000);
        await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 1_000));
        await _stores.IngestAsync();
        await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 500));
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task Read_sound_account_shows_the_amounts_and_no_drift()
    {
        var account = await ReadAsync();

        Assert.Equal(new(8_500, 1_500, 1, 500), account.Redis);
        Assert.Equal(new(10_000, 1, 10_000, -1_000, 1_000), account.Database);
        Assert.False(account.Drifts);
    }

    [Fact]
    public async Task Read_more_accounts_than_a_batch_shows_each_once()
    {
        await _stores.ExecuteAsync("INSERT INTO accounts (name) SELECT 'more ' || n FROM generate_series(1, 1100) AS n");
        await _stores.ExecuteAsync("INSERT INTO credit_accounts (user_id) SELECT user_id FROM accounts WHERE name LIKE 'more %'");
        var loaded = await Task.WhenAll(Enumerable.Range(1, 1_000).Select(n => _stores.Loader.LoadAsync(_userId + n, default)));
        Assert.All(loaded, result => Assert.Equal(BalanceLoadResult.Loaded, result));

        var seen = await _stores.NewReconciliation().ReadLoadedAsync(default).Select(account => account.UserId).ToListAsync();

        Assert.Equal(Enumerable.Range(0, 1_001).Select(n => _userId + n), seen);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-7)]
    public async Task Read_balance_that_was_changed_by_hand_drifts_by_as_much(int units)
    {
        await _stores.Redis.StringIncrementAsync(_stores.Keys.UserBalance(_userId), units);

        Assert.Equal(units, (await ReadAsync()).BalanceDrift);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-507)]
    public async Task Read_pending_that_leads_to_nothing_drifts_though_the_balance_fits(int units)
    {
        // What is buffered hides as much of what is missing, for a moment: here 500.
        await _stores.Redis.StringDecrementAsync(_stores.Keys.UserBalance(_userId), units);
        await _stores.Redis.StringIncrementAsync(_stores.Keys.PendingDeduct(_userId), units);

        var account = await ReadAsync();

        Assert.Equal(0, account.BalanceDrift);
        Assert.Equal(units < 0 ? -7 : units, account.PendingDrift);
    }

    [Fact]
    public async Task Read_sync_that_the_database_never_made_is_impossible()
    {
        await _stores.Redis.StringSetAsync(_stores.Keys.SyncSeq(_userId), 9);

        Assert.True((await ReadAsync()).IsImpossible);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1.5")]
    [InlineData(null)]
    public async Task Read_account_that_Redis_holds_garbled_is_impossible_and_can_be_repaired(string? value)
    {
        await _stores.IngestAsync();
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.UserBalance(_userId));
        if (value is null)
        {
            await _stores.Redis.ListRightPushAsync(_stores.Keys.UserBalance(_userId), "a list");
        }
        else
        {
            await _stores.Redis.StringSetAsync(_stores.Keys.UserBalance(_userId), value);
        }

        Assert.True((await ReadAsync()).IsImpossible);
        Assert.Contains("balances in Redis that are negative, no number, or from a sync that never was 1", await BrokenAsync());

        await new BalanceRepair(_stores.Connection, _stores.Loader, _stores.Shards, TimeProvider.System).RunAsync(_userId, default);

        Assert.False((await ReadAsync()).Drifts);
        Assert.Equal((8_500, 1_500), await _stores.MoneyAsync(_userId));
    }

    [Theory]
    [InlineData("5000")]
    [InlineData("-7")]
    [InlineData("abc")]
    public async Task Read_buffered_cost_that_was_changed_by_hand_is_shown_and_mended(string counted)
    {
        var buffered = new BufferedCosts(_stores.Connection, _stores.Shards, TimeProvider.System);
        await _stores.NewAdjuster().BeginAsync(new(_userId, -30, "a", "because"), 0);
        Assert.Empty(await buffered.ReadDifferencesAsync(default));

        await _stores.Redis.HashSetAsync(_stores.Keys.BufferedCost, _userId, counted);
        var difference = Assert.Single(await buffered.ReadDifferencesAsync(default));
        Assert.Equal(new(_userId, counted, 530), difference);
        Assert.True(await buffered.MendAsync(difference));
        Assert.False(await buffered.MendAsync(difference));

        await _stores.NewAdjuster().CompleteAllAsync(default);
        await _stores.DrainAsync([_userId]);
        await _stores.AssertSettledAsync(new Dictionary<long, long> { [_userId] = 8_470 });
    }

    [Fact]
    public async Task Read_buffered_cost_while_messages_move_shows_no_difference()
    {
        var buffered = new BufferedCosts(_stores.Connection, _stores.Shards, TimeProvider.System);
        using var enough = new CancellationTokenSource();
        var moving = MoveAsync();
        for (int i = 0; i < 5; i++)
        {
            Assert.Empty(await buffered.ReadDifferencesAsync(default));
        }

        await enough.CancelAsync();
        await moving;

        async Task MoveAsync()
        {
            while (!enough.IsCancellationRequested)
            {
                await _stores.AcceptedAsync(_stores.NewMessage(_userId, cost: 1));
                await _stores.IngestAsync();
            }
        }
    }

    [Fact]
    public async Task Repair_loads_the_balance_anew_when_what_is_buffered_has_drained()
    {
        await _stores.Redis.StringIncrementAsync(_stores.Keys.UserBalance(_userId), 7);

        var repair = new BalanceRepair(_stores.Connection, _stores.Loader, _stores.Shards, TimeProvider.System).RunAsync(_userId, default);
        await _stores.IngestAsync();

        Assert.Equal(BalanceLoadResult.Loaded, await repair);
        Assert.Equal((8_500, 1_500), await _stores.MoneyAsync(_userId));
        Assert.False((await ReadAsync()).Drifts);
        await _stores.DrainAsync([_userId]);
        await _stores.AssertSettledAsync(new Dictionary<long, long> { [_userId] = 8_500 });
    }

    [Fact]
    public async Task Read_sums_of_the_database_that_differ_name_account_and_sums()
    {
        await _stores.IngestAsync();
        Assert.Empty(await _stores.NewReconciliation().ReadLedgerDifferencesAsync(default));
        Assert.Empty(await _stores.NewReconciliation().ReadMessageDifferencesAsync(default));

        await _stores.ExecuteAsync("UPDATE credit_accounts SET balance = balance + 3");
        await _stores.ExecuteAsync("UPDATE sms_messages SET cost = cost + 1");

        Assert.Equal([new(_userId, 10_003, 10_000)], await _stores.NewReconciliation().ReadLedgerDifferencesAsync(default));
        Assert.Equal([new(_userId, 1_500, 1_502)], await _stores.NewReconciliation().ReadMessageDifferencesAsync(default));
    }

    [Fact]
    public async Task Audit_each_broken_invariant_is_found()
    {
        await _stores.DrainAsync([_userId]);
        Assert.Empty(await BrokenAsync());

        await _stores.ExecuteAsync("UPDATE sms_messages SET state = 'failed'");
        Assert.Equal(["messages that lack their refund 2"], await BrokenAsync());
        await _stores.ExecuteAsync("UPDATE sms_messages SET state = 'sent'");

        await _stores.ExecuteAsync(
            "INSERT INTO credit_ledger (user_id, kind, amount, reference) VALUES ($1, 'refund', 1000, $2)", _userId, MessageId.New(TestClock.Start).ToString());
        Assert.Equal(["refunds that are not those of a message 1"], await BrokenAsync());
        await _stores.ExecuteAsync("UPDATE credit_ledger SET reference = 'no message' WHERE kind = 'refund'");
        Assert.Equal(["refunds that are not those of a message 1"], await BrokenAsync());
        await _stores.ExecuteAsync("DELETE FROM credit_ledger WHERE kind = 'refund'");

        await _stores.Redis.StringSetAsync(_stores.Keys.UserBalance(_userId), -1);
        Assert.Equal(
            ["accounts whose money in Redis drifts from the database 1", "balances in Redis that are negative, no number, or from a sync that never was 1"],
            await BrokenAsync());
    }

    [Fact]
    public async Task Audit_account_whose_ledger_falls_below_zero_is_found_and_does_not_hold_up_the_others()
    {
        long broken = await _stores.NewAccountAsync(0);
        await _stores.ExecuteAsync("INSERT INTO credit_ledger (user_id, kind, amount, reference) VALUES ($1, 'usage', -5, 'a')", broken);
        await _stores.AddTopUpRowAsync(_userId, 5);

        await _stores.DrainAsync([_userId]);

        Assert.Equal(8_505, await _stores.DatabaseBalanceAsync(_userId));
        Assert.Contains("negative balances in the database 1", await BrokenAsync());
    }

    private async Task<AccountMoney> ReadAsync() =>
        (await _stores.NewReconciliation().ReadBatchAsync(0, 10, default)).Loaded.Single(account => account.UserId == _userId);

    private async Task<string[]> BrokenAsync() =>
        [.. (await new MoneyAudit(_stores.Database, _stores.NewReconciliation()).RunAsync(default)).Where(line => line.IsViolation).Select(line => $"{line.Name} {line.Count}")];
}
