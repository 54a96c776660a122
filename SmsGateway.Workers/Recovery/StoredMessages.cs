using System.Runtime.CompilerServices;

using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Text;

namespace SmsGateway.Workers.Recovery;

/// <summary>Reads messages back from the database in the form in which they travel through Redis.</summary>
internal static class StoredMessages
{
    private const string Columns =
        """
        id, user_id, cost, scheduled_at, valid_until, priority::text, encoding::text, segments, attempts,
        recipient, body, sender, client_reference, callback_url,
        CASE WHEN state = 'unknown' THEN provider END
        """;

    /// <summary>
    /// The messages of a shard that are to be sent: those that no provider has been asked to take, and those that a known provider may have, which
    /// are its alone.
    /// </summary>
    public static async IAsyncEnumerable<QueuedMessage> ReadUnsentAsync(
        NpgsqlConnection session, DateTimeOffset since, int shard, int shards, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT {Columns}
              FROM sms_messages
             WHERE created_at >= $1 AND (state = 'queued' OR (state = 'unknown' AND provider IS NOT NULL)) AND user_id % $2 = $3
            """, session)
        {
            Parameters = { new() { Value = since }, new() { Value = (long)shards }, new() { Value = (long)shard } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return Read(reader);
        }
    }

    /// <summary>A message that no provider has been asked to take; null where there is none of this id.</summary>
    public static async Task<QueuedMessage?> FindUnsentAsync(NpgsqlConnection session, Guid id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT {Columns} FROM sms_messages WHERE id = $1 AND created_at = $2 AND state = 'queued'", session)
        {
            Parameters = { new() { Value = id }, new() { Value = MessageId.CreatedAt(id) } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private static QueuedMessage Read(NpgsqlDataReader reader)
    {
        Priorities.TryParse(reader.GetString(5), out var priority);
        return new()
        {
            Id = reader.GetGuid(0),
            UserId = reader.GetInt64(1),
            CostUnits = reader.GetInt64(2),
            ScheduledAt = reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3),
            ValidUntil = reader.GetFieldValue<DateTimeOffset>(4),
            Priority = priority,
            Encoding = SmsEncodings.Parse(reader.GetString(6)),
            Segments = reader.GetInt16(7),
            Attempts = reader.GetInt16(8),
            Recipient = reader.GetString(9),
            Text = reader.GetString(10),
            Sender = Text(reader, 11),
            ClientReference = Text(reader, 12),
            CallbackUrl = Text(reader, 13),
            OnlyProvider = Text(reader, 14),
        };
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
