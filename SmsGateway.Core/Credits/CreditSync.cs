using System.Globalization;

using Npgsql;

using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Core.Credits;

/// <summary>
/// <c>sync_all_balances</c>: adds unapplied ledger rows to the database balances under row locks, then tells Redis. Each account's rows get
/// the next sync number in the transaction that adds them; Redis takes the sums over the numbers it has not seen, by compare-and-set.
/// So every step may be repeated, by any number of processes, and a process may die after any of them.
/// </summary>
public sealed class CreditSync(IConnectionMultiplexer connection, NpgsqlDataSource database, Shards shards)
{
    /// <summary>Accounts in one transaction: few enough that no lock is held for long.</summary>
    private const int BatchAccounts = 200;

    /// <summary>Stands for the sync number of an account that Redis lacks: no sum lies after it, and no account has it.</summary>
    private const long NotLoaded = long.MaxValue;

    internal enum LockWait
    {
        Wait,
        Skip,
    }

    internal enum ApplyCode
    {
        /// <summary>What Redis holds of the account is no number, or Redis does not run scripts now.</summary>
        Refused = 0,
        Applied = 1,
        OtherSequence = 2,
        NotLoaded = 3,
        Loading = 4,
    }

    /// <summary>Syncs every account that has something to apply, or whose last sync Redis may not know of; returns how many.</summary>
    public async Task<int> SyncAllAsync(CancellationToken cancellationToken)
    {
        int synced = 0;
        long after = 0;
        while (true)
        {
            var due = await ReadDueAsync(after, cancellationToken);
            if (due.Count == 0)
            {
                return synced;
            }

            await SyncAsync([.. due], LockWait.Skip, cancellationToken);
            synced += due.Count;
            after = due[^1];
        }
    }

    /// <summary>Syncs one account now, waiting for its lock: after a top-up the money shows at once.</summary>
    public Task SyncAccountAsync(long userId, CancellationToken cancellationToken) => SyncAsync([userId], LockWait.Wait, cancellationToken);

    private async Task SyncAsync(long[] userIds, LockWait wait, CancellationToken cancellationToken)
    {
        await ApplyToDatabaseAsync(userIds, wait, cancellationToken);
        var reflected = await ReflectAsync(userIds, cancellationToken);
        await RecordReflectedAsync(reflected, cancellationToken);
    }

    private async Task<List<long>> ReadDueAsync(long after, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT user_id FROM (
              (SELECT DISTINCT user_id FROM credit_ledger WHERE sync_seq IS NULL AND user_id > $1 ORDER BY user_id LIMIT $2)
              UNION
              (SELECT user_id FROM credit_accounts WHERE reflected_seq < sync_seq AND user_id > $1 ORDER BY user_id LIMIT $2)
            ) AS due
            ORDER BY user_id LIMIT $2
            """);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = (long)BatchAccounts });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(reader.GetInt64(0));
        }

        return due;
    }

    /// <summary>One transaction: lock the accounts, stamp their unapplied rows with the next sync number, add the sums.</summary>
    internal async Task ApplyToDatabaseAsync(long[] userIds, LockWait wait, CancellationToken cancellationToken)
    {
        await using var dbConnection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await dbConnection.BeginTransactionAsync(cancellationToken);

        // NO KEY: does not wait for transactions that write ledger rows of the account, which hold its key by the foreign key.
        await using var lockAccounts = new NpgsqlCommand(
            "SELECT user_id FROM credit_accounts WHERE user_id = ANY($1) ORDER BY user_id FOR NO KEY UPDATE" + (wait == LockWait.Skip ? " SKIP LOCKED" : ""),
            dbConnection, transaction)
        {
            Parameters = { new() { Value = userIds } },
        };
        var locked = new List<long>(userIds.Length);
        await using (var reader = await lockAccounts.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                locked.Add(reader.GetInt64(0));
            }
        }

        // A statement of its own, so that its snapshot is taken after the locks: it sees every row that an earlier sync has stamped.
        // An account that would fall below zero is left as it is, for the audit to report; it must not hold up the others.
        await using var apply = new NpgsqlCommand(
            """
            WITH due AS (
              SELECT a.user_id, a.sync_seq + 1 AS seq, s.total
                FROM (SELECT user_id, sum(amount)::bigint AS total FROM credit_ledger
                       WHERE user_id = ANY($1) AND sync_seq IS NULL GROUP BY user_id) AS s
                JOIN credit_accounts a ON a.user_id = s.user_id
               WHERE a.balance + s.total >= 0
            ), stamped AS (
              UPDATE credit_ledger l SET sync_seq = due.seq FROM due WHERE l.user_id = due.user_id AND l.sync_seq IS NULL
            )
            UPDATE credit_accounts a SET balance = a.balance + due.total, sync_seq = due.seq FROM due WHERE a.user_id = due.user_id
            """, dbConnection, transaction)
        {
            Parameters = { new() { Value = locked.ToArray() } },
        };
        await apply.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Tells Redis what the database has applied; returns the accounts and sync numbers that it now reflects.</summary>
    internal async Task<List<(long UserId, long SyncSeq)>> ReflectAsync(long[] userIds, CancellationToken cancellationToken)
    {
        var sums = await ReadSumsAsync(userIds, cancellationToken);
        var reflected = new List<(long, long)>(sums.Count);
        var applying = sums.Select(ApplyToRedisAsync).ToArray();
        for (int i = 0; i < applying.Length; i++)
        {
            // Another process may be telling Redis, or loading the balance as it was before this sync: the next round sees what it left. One account
            // that Redis refuses must not hold up the others: it stays due, and the drift monitor names it.
            if (await applying[i] is ApplyCode.Applied or ApplyCode.NotLoaded)
            {
                reflected.Add((sums[i].UserId, sums[i].To));
            }
        }

        return reflected;
    }

    private async Task<long> ReadReflectedAsync(long userId)
    {
        try
        {
            var value = await connection.GetDatabase().StringGetAsync(shards.Of(userId).SyncSeq(userId));
            return long.TryParse((string?)value, NumberStyles.None, CultureInfo.InvariantCulture, out long seq) ? seq : NotLoaded;
        }
        catch (RedisServerException)
        {
            return NotLoaded;
        }
    }

    /// <summary>What Redis has to be told of each account.</summary>
    internal async Task<List<Sum>> ReadSumsAsync(long[] userIds, CancellationToken cancellationToken)
    {
        long[] from = await Task.WhenAll(userIds.Select(ReadReflectedAsync));
        await using var command = database.CreateCommand(
            """
            SELECT a.user_id, i.from_seq, a.sync_seq,
                   coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0)::bigint, coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0)::bigint
              FROM unnest($1, $2) AS i(user_id, from_seq)
              JOIN credit_accounts a ON a.user_id = i.user_id
              LEFT JOIN credit_ledger l ON l.user_id = a.user_id AND l.sync_seq > i.from_seq AND l.sync_seq <= a.sync_seq
             GROUP BY a.user_id, i.from_seq, a.sync_seq
            """);
        command.Parameters.Add(new() { Value = userIds });
        command.Parameters.Add(new() { Value = from });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sums = new List<Sum>(userIds.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            sums.Add(new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4)));
        }

        return sums;
    }

    internal async Task<ApplyCode> ApplyToRedisAsync(Sum sum)
    {
        if (sum.From == sum.To)
        {
            return ApplyCode.Applied;
        }

        var keys = shards.Of(sum.UserId);
        try
        {
            var result = await RedisScript.ApplySync.RunAsync(
                connection.GetDatabase(),
                [keys.UserBalance(sum.UserId), keys.PendingDeduct(sum.UserId), keys.SyncSeq(sum.UserId), keys.BalanceLoad(sum.UserId)],
                [sum.From, sum.To, sum.Debit, sum.Credit]);
            return (ApplyCode)(int)result;
        }
        catch (RedisServerException)
        {
            return ApplyCode.Refused;
        }
    }

    /// <summary>Notes what need not be looked at again. An account that is locked is left out and looked at once more.</summary>
    private async Task RecordReflectedAsync(List<(long UserId, long SyncSeq)> reflected, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            UPDATE credit_accounts a SET reflected_seq = r.seq
              FROM (SELECT c.user_id, u.seq FROM unnest($1, $2) AS u(user_id, seq)
                      JOIN credit_accounts c ON c.user_id = u.user_id AND c.reflected_seq < u.seq
                     ORDER BY c.user_id FOR NO KEY UPDATE OF c SKIP LOCKED) AS r
             WHERE a.user_id = r.user_id AND a.reflected_seq < r.seq
            """);
        command.Parameters.Add(new() { Value = reflected.ConvertAll(entry => entry.UserId).ToArray() });
        command.Parameters.Add(new() { Value = reflected.ConvertAll(entry => entry.SyncSeq).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What an account's ledger says of the syncs after <see cref="From"/> up to <see cref="To"/>, in minor units.</summary>
    internal readonly record struct Sum(long UserId, long From, long To, long Debit, long Credit);
}
