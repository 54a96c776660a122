using Npgsql;

namespace SmsGateway.Core.Schema;

/// <summary>What there is for an instant.</summary>
/// <param name="Partition">The range that holds it.</param>
/// <param name="IsRetired">Its messages have been retired: nothing is written there any more, and no partition is made.</param>
/// <param name="IsMade">The partition was missing and has been made.</param>
public readonly record struct PartitionPlace(Partition Partition, bool IsRetired, bool IsMade);

/// <summary>Makes partitions of <c>sms_messages</c>. Safe to call from any number of processes at once.</summary>
public static class Partitions
{
    /// <summary>Serialises the making of partitions in one database; the number has no meaning.</summary>
    private const long AdvisoryLock = 0x534D5347_0002;

    /// <summary>
    /// Rows leave room on their page for the versions that status updates make of them, so that these are HOT; and a partition is vacuumed for every few
    /// percent of its rows, not for a fifth of a month. docs/operations.md has the measurement (load/fill-factor.sql).
    /// </summary>
    private const string Storage =
        "fillfactor = 40, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02";

    /// <summary>Makes every partition that is missing from the one that holds <paramref name="from"/> to the one that holds <paramref name="to"/>; returns their names.</summary>
    public static async Task<IReadOnlyList<string>> EnsureAsync(
        NpgsqlDataSource database, PartitionInterval interval, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default)
    {
        var made = new List<string>();
        for (var instant = from; instant <= to;)
        {
            var place = await EnsureHoldingAsync(database, interval, instant, cancellationToken);
            instant = place.Partition.To;
            if (place.IsMade)
            {
                made.Add(place.Partition.Name);
            }
        }

        return made;
    }

    /// <summary>Makes the partition that holds an instant, unless there is one, of whichever interval, or its messages are retired.</summary>
    public static async Task<PartitionPlace> EnsureHoldingAsync(
        NpgsqlDataSource database, PartitionInterval interval, DateTimeOffset instant, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var wait = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection, transaction))
        {
            wait.Parameters.Add(new() { Value = AdvisoryLock });
            await wait.ExecuteNonQueryAsync(cancellationToken);
        }

        var wanted = Partition.Holding(instant, interval);
        var others = await ReadOverlappingAsync(connection, wanted, cancellationToken);
        if (others.Find(place => place.Partition.Holds(instant)) is { Partition.Name: not null } there)
        {
            return there;
        }

        var partition = wanted.Between(instant, others.Select(place => place.Partition));
        // A table that is made first and attached then needs no exclusive lock on its parent: ingest goes on meanwhile.
        await using var make = new NpgsqlCommand(
            $"""
            CREATE TABLE {partition.Name} (LIKE sms_messages INCLUDING ALL) WITH ({Storage});
            ALTER TABLE sms_messages ATTACH PARTITION {partition.Name} FOR VALUES FROM ('{partition.From:O}') TO ('{partition.To:O}');
            """, connection, transaction);
        await make.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(partition, IsRetired: false, IsMade: true);
    }

    /// <summary>What holds a part of a range; what is retired first, for its partition may still be attached.</summary>
    private static async Task<List<PartitionPlace>> ReadOverlappingAsync(NpgsqlConnection connection, Partition wanted, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT name, starts_at, ends_at, is_retired
              FROM (SELECT name, starts_at, ends_at, true AS is_retired FROM retired_partitions
                    UNION ALL
                    SELECT name, starts_at, ends_at, false FROM sms_partitions) AS place
             WHERE starts_at < $2 AND ends_at > $1
             ORDER BY is_retired DESC
            """, connection)
        {
            Parameters = { new() { Value = wanted.From }, new() { Value = wanted.To } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var places = new List<PartitionPlace>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var partition = new Partition(reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2));
            places.Add(new(partition, reader.GetBoolean(3), IsMade: false));
        }

        return places;
    }
}
