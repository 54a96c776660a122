using Npgsql;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Ingest;

/// <summary>
/// Lands a claim: one transaction writes the fence, the messages and a usage row for each account. Landing the same claim twice, or by two
/// workers at once, is harmless: the second finds the fence and only learns what the first has dropped.
/// </summary>
internal sealed class IngestTransaction(NpgsqlDataSource database, PartitionCatalog partitions)
{
    /// <summary>The reason recorded for a message that the database had before this claim.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>The reason for messages of a Redis that was lost and rebuilt while this worker held them: their charge was lost with it.</summary>
    public const string Superseded = "Redis has lost time since the message was claimed; it exists only here";

    /// <summary>The reason for messages so old that the messages of their time have left the database.</summary>
    public const string Retired = "the messages of its time are retired";

    private const string Savepoint = "rows";

    /// <summary>Lands the claim and returns what of it must not be dispatched, by id with the reason.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> LandAsync(
        IngestClaim claim, int shard, string worker, CancellationToken cancellationToken)
    {
        if (claim.Messages.Count == 0)
        {
            return new Dictionary<Guid, string>();
        }

        var retired = await partitions.EnsureAsync(claim.Messages, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await FenceAsync(connection, claim, shard, worker, cancellationToken))
        {
            return await ReadDroppedAsync(connection, claim.Id, cancellationToken);
        }

        if (!await IsOfThisEpochAsync(connection, claim, shard, cancellationToken))
        {
            return claim.Messages.ToDictionary(message => message.Id, _ => Superseded);
        }

        var dropped = retired.DistinctBy(message => message.Id).ToDictionary(message => message.Id, _ => Retired);
        var known = await WithKnownAccountAsync(connection, claim.Messages, dropped, cancellationToken);
        try
        {
            await WriteAsync(transaction, connection, known, dropped, cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.CheckViolation)
        {
            // A partition that was there has gone; the next try makes it anew.
            partitions.Clear();
            throw;
        }

        await ChargeAsync(connection, claim.Id, known, dropped, cancellationToken);
        if (dropped.Count > 0)
        {
            await RecordDroppedAsync(connection, claim.Id, dropped, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return dropped;
    }

    /// <summary>The epoch that PostgreSQL has recorded of a shard; empty where there is none.</summary>
    public async Task<string> ReadEpochAsync(int shard)
    {
        await using var command = database.CreateCommand("SELECT epoch_id FROM redis_epochs WHERE shard = $1");
        command.Parameters.Add(new() { Value = shard });
        return (string?)await command.ExecuteScalarAsync() ?? "";
    }

    /// <summary>Writes the fence; false where the claim has landed. Waits for a transaction that is landing it right now.</summary>
    private static async Task<bool> FenceAsync(
        NpgsqlConnection connection, IngestClaim claim, int shard, string worker, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO ingest_claims (claim_id, shard, epoch_counter, worker, messages, dropped, drop_reasons)
            VALUES ($1, $2, $3, $4, $5, '{}', '{}') ON CONFLICT DO NOTHING
            """, connection)
        {
            Parameters =
            {
                new() { Value = claim.Id }, new() { Value = shard }, new() { Value = claim.EpochCounter },
                new() { Value = worker }, new() { Value = claim.Messages.Count },
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>
    /// Whether Redis is still the one that the claim is from. The row stays locked until the claim has landed: a rebuild takes it before it reads
    /// which messages there are, so it sees this claim or this claim sees the new epoch.
    /// </summary>
    private static async Task<bool> IsOfThisEpochAsync(
        NpgsqlConnection connection, IngestClaim claim, int shard, CancellationToken cancellationToken)
    {
        if (claim.EpochId.Length == 0)
        {
            // PostgreSQL knows of no epoch yet, and so of nothing that could have been lost.
            return true;
        }

        await using var command = new NpgsqlCommand("SELECT 1 FROM redis_epochs WHERE shard = $1 AND epoch_id = $2 FOR KEY SHARE", connection)
        {
            Parameters = { new() { Value = shard }, new() { Value = claim.EpochId } },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static async Task<IReadOnlyDictionary<Guid, string>> ReadDroppedAsync(
        NpgsqlConnection connection, Guid claim, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT dropped, drop_reasons FROM ingest_claims WHERE claim_id = $1", connection)
        {
            Parameters = { new() { Value = claim } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var ids = await reader.GetFieldValueAsync<Guid[]>(0, cancellationToken);
        var reasons = await reader.GetFieldValueAsync<string[]>(1, cancellationToken);
        return ids.Zip(reasons).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    /// <summary>Leaves out what is dropped, and notes messages of accounts that the database does not have: nobody could be charged for them.</summary>
    private static async Task<QueuedMessage[]> WithKnownAccountAsync(
        NpgsqlConnection connection, List<QueuedMessage> messages, Dictionary<Guid, string> dropped, CancellationToken cancellationToken)
    {
        long[] asked = [.. messages.Select(message => message.UserId).Distinct()];
        await using var command = new NpgsqlCommand("SELECT user_id FROM credit_accounts WHERE user_id = ANY($1)", connection)
        {
            Parameters = { new() { Value = asked } },
        };
        var known = new HashSet<long>(asked.Length);
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                known.Add(reader.GetInt64(0));
            }
        }

        foreach (var message in messages.Where(message => !known.Contains(message.UserId)))
        {
            dropped[message.Id] = "the account is unknown";
        }

        return dropped.Count == 0 ? [.. messages] : [.. messages.Where(message => !dropped.ContainsKey(message.Id))];
    }

    /// <summary>
    /// Writes the messages; where some are there already goes by way of staging, and where the database refuses one for what it is,
    /// halves until that one is alone and the rest is written.
    /// </summary>
    private static async Task WriteAsync(
        NpgsqlTransaction transaction, NpgsqlConnection connection, ArraySegment<QueuedMessage> messages,
        Dictionary<Guid, string> dropped, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            return;
        }

        await transaction.SaveAsync(Savepoint, cancellationToken);
        try
        {
            await MessageWriter.CopyAsync(connection, messages, cancellationToken);
            return;
        }
        catch (PostgresException duplicate) when (duplicate.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await transaction.RollbackAsync(Savepoint, cancellationToken);
        }
        catch (PostgresException refused) when (IsAboutData(refused))
        {
            await transaction.RollbackAsync(Savepoint, cancellationToken);
            await HalveAsync(transaction, connection, messages, refused, dropped, cancellationToken);
            return;
        }

        try
        {
            var inserted = await MessageWriter.CopyNewAsync(connection, messages, cancellationToken);
            foreach (var message in messages.Where(message => !inserted.Contains(message.Id)))
            {
                dropped.Add(message.Id, Duplicate);
            }
        }
        catch (PostgresException refused) when (IsAboutData(refused))
        {
            await transaction.RollbackAsync(Savepoint, cancellationToken);
            await HalveAsync(transaction, connection, messages, refused, dropped, cancellationToken);
        }
    }

    private static async Task HalveAsync(
        NpgsqlTransaction transaction, NpgsqlConnection connection, ArraySegment<QueuedMessage> messages, PostgresException refused,
        Dictionary<Guid, string> dropped, CancellationToken cancellationToken)
    {
        if (messages.Count == 1)
        {
            dropped.Add(messages[0].Id, $"refused by the database: {refused.SqlState} {refused.ConstraintName}");
            return;
        }

        await WriteAsync(transaction, connection, messages[..(messages.Count / 2)], dropped, cancellationToken);
        await WriteAsync(transaction, connection, messages[(messages.Count / 2)..], dropped, cancellationToken);
    }

    /// <summary>Data exceptions (22) and broken constraints (23), but for a missing partition, which is no fault of the message.</summary>
    private static bool IsAboutData(PostgresException error) =>
        PostgresErrors.IsAboutData(error) && !(error.SqlState == PostgresErrorCodes.CheckViolation && error.ConstraintName is null);

    /// <summary>One usage row an account, over what was inserted and nothing else.</summary>
    private static async Task ChargeAsync(
        NpgsqlConnection connection, Guid claim, QueuedMessage[] messages, Dictionary<Guid, string> dropped, CancellationToken cancellationToken)
    {
        var usage = new Dictionary<long, long>();
        foreach (var message in messages)
        {
            if (!dropped.ContainsKey(message.Id))
            {
                usage[message.UserId] = checked(usage.GetValueOrDefault(message.UserId) - message.CostUnits);
            }
        }

        if (usage.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            "INSERT INTO credit_ledger (user_id, kind, amount, reference) SELECT user_id, 'usage', amount, $3 FROM unnest($1, $2) AS u(user_id, amount)",
            connection)
        {
            Parameters = { new() { Value = usage.Keys.ToArray() }, new() { Value = usage.Values.ToArray() }, new() { Value = claim.ToString() } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task RecordDroppedAsync(
        NpgsqlConnection connection, Guid claim, Dictionary<Guid, string> dropped, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("UPDATE ingest_claims SET dropped = $2, drop_reasons = $3 WHERE claim_id = $1", connection)
        {
            Parameters = { new() { Value = claim }, new() { Value = dropped.Keys.ToArray() }, new() { Value = dropped.Values.ToArray() } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
