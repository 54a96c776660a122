using System.Globalization;

using Npgsql;

using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Core.Credits;

/// <summary>The money of an account in Redis at one instant, in minor units.</summary>
/// <param name="Balance">What can be spent now; null where Redis does not hold the balance.</param>
/// <param name="Pending">What was deducted and is not in the database balance as of <paramref name="SyncSeq"/>.</param>
/// <param name="SyncSeq">The last sync that Redis reflects.</param>
/// <param name="Buffered">The part of what was deducted whose ledger row may not be in the database yet.</param>
/// <param name="IsGarbled">Whether any of it is no integer, which only a hand can have done; it counts as 0 then.</param>
public readonly record struct RedisMoney(long? Balance, long Pending, long SyncSeq, long Buffered, bool IsGarbled = false);

/// <summary>The money of an account in the database at one instant, in minor units.</summary>
/// <param name="Balance">The sum of the applied ledger rows.</param>
/// <param name="SyncSeq">The last sync.</param>
/// <param name="BalanceAsOf">The balance after the sync that was asked for. It never changes again, for neither do the rows that it holds.</param>
/// <param name="Unapplied">The sum of the ledger rows that are not applied.</param>
/// <param name="PendingUsage">What the negative rows take that <paramref name="BalanceAsOf"/> does not hold, as a positive amount.</param>
public readonly record struct DatabaseMoney(long Balance, long SyncSeq, long BalanceAsOf, long Unapplied, long PendingUsage);

/// <summary>
/// Reads both sides of an account's money so that they can be held against each other: the database as of the sync that Redis reflects.
/// In a sound system <c>balance in Redis = balance as of that sync - pending in Redis</c>, exactly and at any moment.
/// </summary>
public sealed class MoneyReader(IConnectionMultiplexer connection, NpgsqlDataSource database, Shards shards)
{
    /// <summary>Asks for the balance as of the latest sync.</summary>
    public const long Latest = long.MaxValue;

    /// <summary>Reads what Redis holds; many calls at once share the way there.</summary>
    /// <exception cref="RedisException">Redis cannot be asked.</exception>
    public async Task<RedisMoney> ReadRedisAsync(long userId)
    {
        var keys = shards.Of(userId);
        var result = (RedisValue[]?)await RedisScript.ReadAccount.RunAsync(
            connection.GetDatabase(), [keys.UserBalance(userId), keys.PendingDeduct(userId), keys.SyncSeq(userId), keys.BufferedCost], [userId])
            ?? throw new InvalidOperationException("read_account.lua returned no array");
        bool isGarbled = false;
        return new(result[0].IsNull ? null : Units(result[0]), Units(result[1]), Units(result[2]), Units(result[3]), isGarbled);

        long Units(RedisValue value)
        {
            long units = 0;
            isGarbled |= !value.IsNull && !long.TryParse((string?)value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out units);
            return units;
        }
    }

    /// <summary>Reads one account as of a sync; null where there is no such account.</summary>
    /// <exception cref="NpgsqlException">The database cannot be asked.</exception>
    public async Task<DatabaseMoney?> ReadDatabaseAsync(long userId, long asOf, CancellationToken cancellationToken)
    {
        var accounts = await ReadDatabaseAsync([userId], [asOf], cancellationToken);
        return accounts.TryGetValue(userId, out var money) ? money : null;
    }

    /// <summary>Reads many accounts by one statement, each as of a sync of its own.</summary>
    /// <exception cref="NpgsqlException">The database cannot be asked.</exception>
    public async Task<IReadOnlyDictionary<long, DatabaseMoney>> ReadDatabaseAsync(long[] userIds, long[] asOf, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT a.user_id, a.balance, a.sync_seq, a.balance - later.total, unapplied.total, later.usage + unapplied.usage
              FROM unnest($1, $2) AS i(user_id, as_of)
              JOIN credit_accounts a ON a.user_id = i.user_id
             CROSS JOIN LATERAL (
               SELECT coalesce(sum(amount), 0)::bigint AS total, coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint AS usage
                 FROM credit_ledger l WHERE l.user_id = a.user_id AND l.sync_seq > i.as_of) AS later
             CROSS JOIN LATERAL (
               SELECT coalesce(sum(amount), 0)::bigint AS total, coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint AS usage
                 FROM credit_ledger l WHERE l.user_id = a.user_id AND l.sync_seq IS NULL) AS unapplied
            """);
        command.Parameters.Add(new() { Value = userIds });
        command.Parameters.Add(new() { Value = asOf });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var accounts = new Dictionary<long, DatabaseMoney>(userIds.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            accounts.Add(
                reader.GetInt64(0),
                new(reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5)));
        }

        return accounts;
    }
}
