using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core.Schema;

namespace SmsGateway.Workers.Partitions;

/// <summary>What messages mean for retention of which it is not known whether a provider has taken them.</summary>
internal enum UnknownOutcomes
{
    /// <summary>They hold their partition, for they may still fail and be paid back.</summary>
    Hold,

    /// <summary>They stay charged, whatever is learnt of them later: an operator has said so.</summary>
    Charge,
}

/// <summary>A partition whose time is over: retired, or held by what its messages have not finished.</summary>
internal sealed record RetiredPartition(string Name, string? HeldBy);

/// <summary>
/// Retires partitions whose time is over: closes them to inserts, records what their messages have cost, detaches them and archives or drops their
/// tables. Detaching concurrently cannot be part of a transaction and may stop half-way; so the record is written first, and from then on the
/// audit counts the record and not the rows, wherever these are. Each step looks at how far the one before has come: this may stop anywhere, and the
/// next run goes on. One worker at a time; the others leave it to that one.
/// </summary>
internal sealed class PartitionRetention(NpgsqlDataSource database, IOptions<PartitionsOptions> options, TimeProvider clock)
{
    /// <summary>Lets one process at a time retire; the number has no meaning.</summary>
    private const long AdvisoryLock = 0x534D5347_0004;

    /// <summary>Money that has not been applied for so long says that the sync is broken: nothing is thrown away before that is mended.</summary>
    private static readonly TimeSpan SyncPatience = TimeSpan.FromHours(1);

    /// <summary>Retires what is older, the oldest first; returns what has been retired and what is held.</summary>
    public async Task<IReadOnlyList<RetiredPartition>> RunAsync(TimeSpan kept, UnknownOutcomes unknown, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenConnectionAsync(cancellationToken);
        if (!await ScalarAsync<bool>(session, "SELECT pg_try_advisory_lock($1)", [AdvisoryLock], cancellationToken))
        {
            return [];
        }

        try
        {
            var results = new List<RetiredPartition>();
            foreach (var begun in await ReadAsync(session, "SELECT name, starts_at, ends_at FROM retired_partitions WHERE out_at IS NULL", [], cancellationToken))
            {
                await TakeOutAsync(session, begun.Name, cancellationToken);
                results.Add(new(begun.Name, null));
            }

            foreach (var partition in await ReadDueAsync(session, kept, cancellationToken))
            {
                results.Add(new(partition.Name, await RetireAsync(session, partition, unknown, cancellationToken)));
            }

            return results;
        }
        finally
        {
            // A session that is gone has taken its lock with it.
            if (session.State == System.Data.ConnectionState.Open)
            {
                await ScalarAsync<bool>(session, "SELECT pg_advisory_unlock($1)", [AdvisoryLock], CancellationToken.None);
            }
        }
    }

    /// <summary>The partitions whose youngest possible message is older, the oldest first.</summary>
    public async Task<IReadOnlyList<Partition>> FindDueAsync(TimeSpan kept, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenConnectionAsync(cancellationToken);
        return await ReadDueAsync(session, kept, cancellationToken);
    }

    private Task<List<Partition>> ReadDueAsync(NpgsqlConnection session, TimeSpan kept, CancellationToken cancellationToken) => ReadAsync(
        session,
        """
        SELECT name, starts_at, ends_at FROM sms_partitions p
         WHERE ends_at <= $1 AND NOT EXISTS (SELECT FROM retired_partitions r WHERE r.name = p.name)
         ORDER BY starts_at
        """,
        [clock.GetUtcNow() - kept], cancellationToken);

    /// <summary>Retires one; returns what holds it, if something does.</summary>
    private async Task<string?> RetireAsync(NpgsqlConnection session, Partition partition, UnknownOutcomes unknown, CancellationToken cancellationToken)
    {
        string open = unknown == UnknownOutcomes.Hold ? "'queued', 'unknown'" : "'queued'";
        // Ends at the first; a partition that can be retired is read once in vain.
        if (await ScalarAsync<bool>(session, $"SELECT EXISTS (SELECT FROM {partition.Name} WHERE state IN ({open}))", [], cancellationToken))
        {
            return await DescribeOpenAsync(session, partition, open, cancellationToken);
        }

        // Waits for the transactions that are writing to the partition. What comes after them is refused, so its sums stay what they are.
        await ExecuteAsync(
            session, $"CREATE OR REPLACE TRIGGER retired BEFORE INSERT ON {partition.Name} FOR EACH ROW EXECUTE FUNCTION refuse_retired()", [], cancellationToken);
        if (await RecordAsync(session, partition, open, cancellationToken) is { } heldBy)
        {
            return heldBy;
        }

        await TakeOutAsync(session, partition.Name, cancellationToken);
        return null;
    }

    private static async Task<string> DescribeOpenAsync(NpgsqlConnection session, Partition partition, string open, CancellationToken cancellationToken) =>
        "messages that are not finished: " + await ScalarAsync<string>(
            session,
            $"""
            SELECT string_agg(count || ' ' || state, ', ')
              FROM (SELECT state, count(*) FROM {partition.Name} WHERE state IN ({open}) GROUP BY state ORDER BY state) AS s
            """, [], cancellationToken);

    /// <summary>
    /// Records what the messages have cost each account, and checks in the same statement that nothing can change any more: states only go
    /// forward, so what is finished now stays so. Returns what holds the partition; then nothing is recorded.
    /// </summary>
    private async Task<string?> RecordAsync(NpgsqlConnection session, Partition partition, string open, CancellationToken cancellationToken)
    {
        const string Refunded = "state IN ('failed', 'expired', 'cancelled')";
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(
            session,
            "INSERT INTO retired_partitions (name, starts_at, ends_at, archive_schema, retired_at) VALUES ($1, $2, $3, $4, $5)",
            [
                partition.Name, partition.From, partition.To,
                options.Value.Retired == RetiredFate.Archive ? options.Value.ArchiveSchema : DBNull.Value, clock.GetUtcNow(),
            ],
            cancellationToken);
        string heldBy = await ScalarAsync<string>(
            session,
            $"""
            WITH total AS (
              SELECT user_id, count(*) AS messages, sum(cost)::bigint AS cost,
                     coalesce(sum(cost) FILTER (WHERE {Refunded}), 0)::bigint AS refunded, count(*) FILTER (WHERE state IN ({open})) AS open
                FROM {partition.Name} GROUP BY user_id
            ), recorded AS (
              INSERT INTO retired_usage SELECT $1, user_id, messages, cost, refunded FROM total
            )
            SELECT CASE
              WHEN EXISTS (SELECT FROM total WHERE open > 0) THEN 'messages that are not finished'
              WHEN EXISTS (SELECT FROM {partition.Name} m
                            WHERE {Refunded} AND NOT EXISTS (SELECT FROM credit_ledger l
                                                              WHERE l.user_id = m.user_id AND l.kind = 'refund' AND l.reference = m.id::text AND l.amount = m.cost))
                THEN 'messages that lack their refund'
              WHEN EXISTS (SELECT FROM credit_ledger WHERE sync_seq IS NULL AND kind IN ('usage', 'refund') AND created_at < $2)
                THEN 'money that has not been applied for an hour'
              ELSE '' END
            """,
            [partition.Name, clock.GetUtcNow() - SyncPatience], cancellationToken);
        if (heldBy.Length > 0)
        {
            return heldBy;
        }

        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>Takes a partition that is recorded out of the table, from wherever an earlier run has stopped.</summary>
    private static async Task TakeOutAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        var attached = await ReadDetachPendingAsync(session, name, cancellationToken);
        if (attached is { } pending)
        {
            // Both wait for every transaction that uses the table, and hold nobody up.
            await ExecuteAsync(session, $"ALTER TABLE sms_messages DETACH PARTITION {name} {(pending ? "FINALIZE" : "CONCURRENTLY")}", [], cancellationToken);
        }

        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        string schema = await ScalarAsync<string>(session, "SELECT coalesce(archive_schema, '') FROM retired_partitions WHERE name = $1", [name], cancellationToken);
        await ExecuteAsync(
            session, schema.Length == 0 ? $"DROP TABLE {name}" : $"CREATE SCHEMA IF NOT EXISTS {schema}; ALTER TABLE {name} SET SCHEMA {schema}", [], cancellationToken);
        await ExecuteAsync(session, "UPDATE retired_partitions SET out_at = now() WHERE name = $1", [name], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Whether a detach has stopped half-way; null where the partition is not attached any more.</summary>
    private static async Task<bool?> ReadDetachPendingAsync(NpgsqlConnection session, string name, CancellationToken cancellationToken)
    {
        await using var command = NewCommand(session, "SELECT detach_pending FROM sms_partitions WHERE name = $1", [name]);
        return (bool?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<List<Partition>> ReadAsync(NpgsqlConnection session, string sql, object[] arguments, CancellationToken cancellationToken)
    {
        await using var command = NewCommand(session, sql, arguments);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var partitions = new List<Partition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            partitions.Add(new(reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return partitions;
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql, object[] arguments, CancellationToken cancellationToken)
    {
        await using var command = NewCommand(session, sql, arguments);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection session, string sql, object[] arguments, CancellationToken cancellationToken)
    {
        await using var command = NewCommand(session, sql, arguments);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Without a limit of time: a partition may be large, and a detach waits for the longest transaction there is.</summary>
    private static NpgsqlCommand NewCommand(NpgsqlConnection session, string sql, object[] arguments)
    {
        var command = new NpgsqlCommand(sql, session) { CommandTimeout = 0 };
        foreach (object argument in arguments)
        {
            command.Parameters.Add(new() { Value = argument });
        }

        return command;
    }
}
