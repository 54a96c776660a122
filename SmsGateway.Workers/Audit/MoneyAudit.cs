using System.Globalization;

using Npgsql;

namespace SmsGateway.Workers.Audit;

/// <summary>
/// Checks I1 to I4. The database is checked by single statements, each of one instant; Redis is held against it account by account
/// (<see cref="AccountMoney"/> says why that is exact at any moment).
/// </summary>
internal sealed class MoneyAudit(NpgsqlDataSource database, Reconciliation reconciliation)
{
    private const int MaxExamples = 5;

    private const string RefundIsNotItsMessage =
        """
        SELECT l.reference FROM credit_ledger l
          LEFT JOIN sms_messages m ON m.id = CASE WHEN l.reference ~ '^[0-9a-f-]{36}$' THEN l.reference::uuid END AND m.user_id = l.user_id
         WHERE l.kind = 'refund' AND (m.id IS NULL OR m.cost <> l.amount OR m.state NOT IN ('failed', 'expired', 'cancelled'))
           AND NOT EXISTS (SELECT FROM retired_partitions r
                            WHERE sms_created_at(l.reference::uuid) >= r.starts_at AND sms_created_at(l.reference::uuid) < r.ends_at)
        """;

    private const string RetiredRefundsDiffer =
        """
        SELECT user_id::text
          FROM (SELECT l.user_id, sum(l.amount) AS units
                  FROM retired_partitions r
                  JOIN credit_ledger l ON sms_created_at(l.reference::uuid) >= r.starts_at AND sms_created_at(l.reference::uuid) < r.ends_at
                 WHERE l.kind = 'refund' GROUP BY l.user_id) AS refund
          FULL JOIN (SELECT user_id, sum(refunded) AS units FROM retired_usage WHERE refunded > 0 GROUP BY user_id) AS recorded USING (user_id)
         WHERE refund.units IS DISTINCT FROM recorded.units
        """;

    private const string MessageWithoutItsRefund =
        """
        SELECT m.id::text FROM sms_messages m
         WHERE m.state IN ('failed', 'expired', 'cancelled')
           AND NOT EXISTS (SELECT 1 FROM credit_ledger l WHERE l.user_id = m.user_id AND l.kind = 'refund' AND l.reference = m.id::text)
        """;

    private const string BalanceIsNegative =
        """
        SELECT a.user_id::text FROM credit_accounts a
         WHERE a.balance + least(0, (SELECT sum(amount) FROM credit_ledger l WHERE l.user_id = a.user_id AND l.sync_seq IS NULL)) < 0
        """;

    public async Task<IReadOnlyList<AuditLine>> RunAsync(CancellationToken cancellationToken)
    {
        var (drifting, impossible, loaded) = await CheckRedisAsync(cancellationToken);
        var ledger = await reconciliation.ReadLedgerDifferencesAsync(cancellationToken);
        var messages = await reconciliation.ReadMessageDifferencesAsync(cancellationToken);
        return
        [
            await CountAsync(null, "retired partitions", "SELECT name FROM retired_partitions", cancellationToken),
            await CountAsync(null, "accounts", "SELECT user_id::text FROM credit_accounts", cancellationToken),
            new(null, "accounts loaded in Redis", loaded, []),
            await CountAsync(null, "ledger rows not yet applied", "SELECT id::text FROM credit_ledger WHERE sync_seq IS NULL", cancellationToken),
            Line("I1", "balances that are not the sum of their ledger rows", ledger.ConvertAll(Describe)),
            Line("I2", "accounts whose usage is not the cost of their messages", messages.ConvertAll(Describe)),
            await CountAsync("I2", "refunds that are not those of a message", RefundIsNotItsMessage, cancellationToken),
            await CountAsync("I2", "messages that lack their refund", MessageWithoutItsRefund, cancellationToken),
            await CountAsync("I2", "accounts whose refunds of retired messages are not those recorded", RetiredRefundsDiffer, cancellationToken),
            Line("I3", "accounts whose money in Redis drifts from the database", drifting),
            Line("I4", "balances in Redis that are negative, no number, or from a sync that never was", impossible),
            await CountAsync("I4", "negative balances in the database", BalanceIsNegative, cancellationToken),
        ];
    }

    private async Task<(List<string> Drifting, List<string> Impossible, int Loaded)> CheckRedisAsync(CancellationToken cancellationToken)
    {
        var drifting = new List<string>();
        var impossible = new List<string>();
        int loaded = 0;
        await foreach (var account in reconciliation.ReadLoadedAsync(cancellationToken))
        {
            loaded++;
            if (account.IsImpossible)
            {
                impossible.Add(Describe(account));
            }

            if (account.BalanceDrift != 0 || account.PendingDrift != 0)
            {
                drifting.Add(Describe(account));
            }
        }

        return (drifting, impossible, loaded);
    }

    private static string Describe(AccountMoney account) => string.Create(
        CultureInfo.InvariantCulture,
        $"account {account.UserId}: Redis {account.Redis.Balance} + pending {account.Redis.Pending} as of sync {account.Redis.SyncSeq}, "
        + $"database {account.Database.BalanceAsOf} then; drift {account.BalanceDrift}, of pending {account.PendingDrift}");

    private static string Describe(SumDifference difference) =>
        string.Create(CultureInfo.InvariantCulture, $"account {difference.UserId}: {difference.First} and {difference.Second}");

    private async Task<AuditLine> CountAsync(string? invariant, string name, string query, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"SELECT count(*), (array_agg(found))[:{MaxExamples}] FROM ({query}) AS q(found)");
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        string[] examples = invariant is null || await reader.IsDBNullAsync(1, cancellationToken) ? [] : reader.GetFieldValue<string[]>(1);
        return new(invariant, name, reader.GetInt64(0), examples);
    }

    private static AuditLine Line(string invariant, string name, List<string> found) => new(invariant, name, found.Count, [.. found.Take(MaxExamples)]);
}
