using System.Globalization;

using SmsGateway.Tests.Fixtures;
using SmsGateway.Workers.Audit;

using StackExchange.Redis;

using Xunit.Abstractions;

namespace SmsGateway.Tests.Core.Credits;

/// <summary>
/// Money of many accounts: exact, and measured. The figures in ARCHITECTURE.md come from here; <c>MONEY_ACCOUNTS</c> says how many there are:
/// <c>MONEY_ACCOUNTS=100000 ./test MoneyScale -- --logger 'console;verbosity=detailed'</c>.
/// </summary>
[Collection(InfrastructureCollection.Name)]
public sealed class MoneyScaleIntegrationTests(Infrastructure infrastructure, ITestOutputHelper output) : IAsyncLifetime
{
    private const int RowsPerAccount = 3;

    private readonly int _accounts = Environment.GetEnvironmentVariable("MONEY_ACCOUNTS") is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : 10_000;

    private Stores _stores = null!;
    private long[] _users = [];

    public async Task InitializeAsync()
    {
        _stores = await infrastructure.NewStoresAsync();
        await _stores.OpenEpochAsync();
        await _stores.ExecuteAsync("INSERT INTO accounts (name) SELECT n::text FROM generate_series(1, $1) AS n", _accounts);
        await _stores.ExecuteAsync("INSERT INTO credit_accounts (user_id) SELECT user_id FROM accounts");
        await _stores.ExecuteAsync(
            "INSERT INTO credit_ledger (user_id, kind, amount, reference) SELECT user_id, 'topup', n, n::text FROM credit_accounts, generate_series(1, $1) AS n",
            RowsPerAccount);
        long first = await _stores.ScalarAsync<long>("SELECT min(user_id) FROM accounts");
        _users = [.. Enumerable.Range(0, _accounts).Select(n => first + n)];
        foreach (long[] batch in _users.Chunk(10_000))
        {
            await _stores.Redis.StringSetAsync(
                [.. batch.SelectMany(id => new[] { _stores.Keys.UserBalance(id), _stores.Keys.PendingDeduct(id), _stores.Keys.SyncSeq(id) })
                    .Select(key => new KeyValuePair<RedisKey, RedisValue>(key, 0))]);
        }
    }

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task MoneyScale_all_accounts_are_synced_in_one_round_audited_and_rebuilt()
    {
        await SyncAsync();
        await AuditAsync();
        await RebuildAsync();
    }

    private async Task SyncAsync()
    {
        long started = TimeProvider.System.GetTimestamp();
        var sync = _stores.Sync.SyncAllAsync(default);
        var longest = TimeSpan.Zero;
        while (!sync.IsCompleted)
        {
            var open = await _stores.ScalarAsync<TimeSpan>(
                "SELECT coalesce(max(clock_timestamp() - xact_start), '0') FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            longest = open > longest ? open : longest;
        }

        Assert.Equal(_accounts, await sync);
        Report($"sync of {_accounts} accounts with {RowsPerAccount} rows each in one round", started);
        output.WriteLine($"its longest transaction: {longest.TotalSeconds:0.00} s");
        Assert.Equal(_accounts, await _stores.ScalarAsync<long>("SELECT count(*) FROM credit_accounts WHERE balance = 6 AND reflected_seq = 1"));
        foreach (long[] batch in _users.Chunk(10_000))
        {
            Assert.All(await _stores.Redis.StringGetAsync([.. batch.Select(_stores.Keys.UserBalance)]), balance => Assert.Equal(6, (long)balance));
        }
    }

    private async Task AuditAsync()
    {
        long started = TimeProvider.System.GetTimestamp();
        var lines = await new MoneyAudit(_stores.Database, _stores.NewReconciliation()).RunAsync(default);
        Report($"audit of the money of {_accounts} loaded accounts", started);
        Assert.DoesNotContain(lines, line => line.IsViolation);
        Assert.Contains(lines, line => line.Name == "accounts loaded in Redis" && line.Count == _accounts);
    }

    /// <summary>From a Redis that is found to have lost time until it accepts again: balances are loaded by each account's first request.</summary>
    private async Task RebuildAsync()
    {
        await _stores.Redis.KeyDeleteAsync(_stores.Keys.Epoch);
        long started = TimeProvider.System.GetTimestamp();
        Assert.True(await _stores.NewRebuild().RunAsync(_stores.Keys, "a test", default));
        Report($"rebuild of a Redis with {_accounts} loaded accounts, until it is open", started);

        Assert.False(await _stores.Redis.KeyExistsAsync(_stores.Keys.UserBalance(_users[^1])));
        await _stores.AcceptedAsync(_stores.NewMessage(_users[^1], cost: 5));
        Assert.Equal((1, 5), await _stores.MoneyAsync(_users[^1]));
    }

    private void Report(string what, long started) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what}: {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.00} s"));
}
