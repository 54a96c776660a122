using Npgsql;

namespace SmsGateway.Core.Schema;

/// <summary>Makes partitions of <c>sms_messages</c>. Safe to call from any number of processes at once.</summary>
public static class Partitions
{
    /// <summary>Serialises the making of partitions in one database; the number has no meaning.</summary>
    private const long AdvisoryLock = 0x534D5347_0002;

    /// <summary>Rows leave this much of a page free, so that their few status updates stay on it (HOT).</summary>
    private const int FillFactor = 85;

    /// <summary>Makes every partition that is missing from the one that holds <paramref name="from"/> to the one that holds <paramref name="to"/>; returns their names.</summary>
    public static async Task<IReadOnlyList<string>> EnsureAsync(
        NpgsqlDataSource database, PartitionInterval interval, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default)
    {
        var made = new List<string>();
        for (var partition = Partition.Holding(from, interval); partition.From <= to; partition = Partition.Holding(partition.To, interval))
        {
            if (await EnsureOneAsync(database, partition, cancellationToken))
            {
                made.Add(partition.Name);
            }
        }

        return made;
    }

    private static async Task<bool> EnsureOneAsync(NpgsqlDataSource database, Partition partition, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var look = new NpgsqlCommand(
            "SELECT to_regclass($1) IS NOT NULL FROM (SELECT pg_advisory_xact_lock($2)) AS locked", connection, transaction);
        look.Parameters.Add(new() { Value = partition.Name });
        look.Parameters.Add(new() { Value = AdvisoryLock });
        if ((bool)(await look.ExecuteScalarAsync(cancellationToken))!)
        {
            return false;
        }

        // A table that is made first and attached then needs no exclusive lock on its parent: ingest goes on meanwhile.
        await using var make = new NpgsqlCommand(
            $"""
            CREATE TABLE {partition.Name} (LIKE sms_messages INCLUDING ALL) WITH (fillfactor = {FillFactor});
            ALTER TABLE sms_messages ATTACH PARTITION {partition.Name} FOR VALUES FROM ('{partition.From:O}') TO ('{partition.To:O}');
            """, connection, transaction);
        await make.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
