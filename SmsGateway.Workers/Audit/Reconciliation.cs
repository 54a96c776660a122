using System.Runtime.CompilerServices;

using Npgsql;

using SmsGateway.Core.Credits;

namespace SmsGateway.Workers.Audit;

/// <summary>An account two of whose sums in the database differ, in minor units.</summary>
internal readonly record struct SumDifference(long UserId, long First, long Second);

/// <summary>A part of the accounts, in the order of their ids.</summary>
/// <param name="Loaded">Those of them whose balance Redis holds.</param>
/// <param name="Count">How many there are, loaded or not.</param>
/// <param name="Last">The last of them; 0 where there are none.</param>
internal readonly record struct AccountBatch(IReadOnlyList<AccountMoney> Loaded, int Count, long Last);

/// <summary>Holds Redis, balances, ledger and messages against each other, account by account.</summary>
internal sealed class Reconciliation(NpgsqlDataSource database, MoneyReader money)
{
    /// <summary>Accounts that are read by one statement and one row of calls to Redis.</summary>
    private const int BatchAccounts = 500;

    /// <summary>Every account whose balance Redis holds.</summary>
    public async IAsyncEnumerable<AccountMoney> ReadLoadedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long after = 0;
        while (await ReadBatchAsync(after, BatchAccounts, cancellationToken) is { Count: > 0 } batch)
        {
            after = batch.Last;
            foreach (var account in batch.Loaded)
            {
                yield return account;
            }
        }
    }

    /// <summary>The next accounts after an id.</summary>
    public async Task<AccountBatch> ReadBatchAsync(long after, int most, CancellationToken cancellationToken)
    {
        long[] userIds = await ReadAccountsAsync(after, most, cancellationToken);
        if (userIds.Length == 0)
        {
            return new([], 0, 0);
        }

        var redis = await Task.WhenAll(userIds.Select(money.ReadRedisAsync));
        var loaded = userIds.Zip(redis).Where(pair => pair.Second.Balance is not null).ToArray();
        long[] loadedIds = Array.ConvertAll(loaded, pair => pair.First);
        var stored = await money.ReadDatabaseAsync(loadedIds, Array.ConvertAll(loaded, pair => pair.Second.SyncSeq), cancellationToken);
        var again = await Task.WhenAll(loadedIds.Select(money.ReadRedisAsync));
        return new([.. loaded.Select((pair, i) => new AccountMoney(pair.First, pair.Second, stored[pair.First], again[i]))], userIds.Length, userIds[^1]);
    }

    /// <summary>Accounts whose balance is not the sum of their applied ledger rows: balance and sum (I1).</summary>
    public Task<List<SumDifference>> ReadLedgerDifferencesAsync(CancellationToken cancellationToken) => ReadDifferencesAsync(
        """
        SELECT a.user_id, a.balance, coalesce(l.total, 0)::bigint
          FROM credit_accounts a
          LEFT JOIN (SELECT user_id, sum(amount) AS total FROM credit_ledger WHERE sync_seq IS NOT NULL GROUP BY user_id) AS l USING (user_id)
         WHERE a.balance <> coalesce(l.total, 0)
         ORDER BY a.user_id
        """, cancellationToken);

    /// <summary>Accounts whose usage is not the cost of their messages, retired ones included: usage and cost, both positive (I2).</summary>
    public Task<List<SumDifference>> ReadMessageDifferencesAsync(CancellationToken cancellationToken) => ReadDifferencesAsync(
        """
        SELECT user_id, coalesce(u.cost, 0)::bigint, coalesce(m.cost, 0)::bigint
          FROM (SELECT user_id, sum(cost) AS cost
                  FROM (SELECT user_id, cost FROM sms_messages s
                         WHERE NOT EXISTS (SELECT FROM retired_partitions r
                                            WHERE r.out_at IS NULL AND s.created_at >= r.starts_at AND s.created_at < r.ends_at)
                        UNION ALL
                        SELECT user_id, cost FROM retired_usage) AS message
                 GROUP BY user_id) AS m
          FULL JOIN (SELECT user_id, -sum(amount) AS cost FROM credit_ledger WHERE kind = 'usage' GROUP BY user_id) AS u USING (user_id)
         WHERE m.cost IS DISTINCT FROM u.cost
         ORDER BY user_id
        """, cancellationToken);

    private async Task<long[]> ReadAccountsAsync(long after, int most, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT user_id FROM credit_accounts WHERE user_id > $1 ORDER BY user_id LIMIT $2");
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = (long)most });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var accounts = new List<long>(most);
        while (await reader.ReadAsync(cancellationToken))
        {
            accounts.Add(reader.GetInt64(0));
        }

        return [.. accounts];
    }

    private async Task<List<SumDifference>> ReadDifferencesAsync(string query, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(query);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var differences = new List<SumDifference>();
        while (await reader.ReadAsync(cancellationToken))
        {
            differences.Add(new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return differences;
    }
}
