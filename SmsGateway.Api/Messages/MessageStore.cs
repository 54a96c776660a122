using Npgsql;

using SmsGateway.Api.Lists;
using SmsGateway.Core.Messages;

namespace SmsGateway.Api.Messages;

/// <summary>Which messages of an account a list shows: a range of creation times, and perhaps one state.</summary>
internal readonly record struct MessageFilter(long UserId, DateTimeOffset From, DateTimeOffset To, MessageState? State);

/// <summary>
/// Reads messages from the database. Every statement bounds the creation time, so that PostgreSQL leaves the other partitions alone; the
/// lists walk the index (user_id, created_at, id) and stop when the page is full.
/// </summary>
internal sealed class MessageStore(NpgsqlDataSource database)
{
    private const string Columns =
        """
        id, recipient, body, sender, priority::text, state::text, encoding::text, segments, cost, client_reference, created_at,
        scheduled_at, valid_until, sent_at, finished_at, unknown_at, provider, provider_message_id, error_code, attempts
        """;

    public async Task<MessageView?> FindAsync(long userId, Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"SELECT {Columns} FROM sms_messages WHERE id = $1 AND created_at = $2 AND user_id = $3");
        Add(command, id, MessageId.CreatedAt(id), userId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>The next <paramref name="limit"/> messages from a cursor, nearest to it first.</summary>
    public async Task<List<MessageView>> ListAsync(
        MessageFilter filter, ListCursor<Guid>? cursor, int limit, CancellationToken cancellationToken)
    {
        bool older = cursor is not { Direction: PageDirection.Newer };
        string order = older ? "DESC" : "ASC";
        await using var command = database.CreateCommand();
        Add(command, filter.UserId, filter.From, filter.To, (long)limit);
        string conditions = "";
        if (filter.State is { } state)
        {
            command.Parameters.Add(new() { Value = state.Name() });
            conditions += $" AND state = ${command.Parameters.Count}::sms_state";
        }

        if (cursor is { } from)
        {
            // The condition on the time alone is what prunes partitions.
            command.Parameters.Add(new() { Value = MessageId.CreatedAt(from.Key) });
            command.Parameters.Add(new() { Value = from.Key });
            int time = command.Parameters.Count - 1;
            conditions += older
                ? $" AND created_at <= ${time} AND (created_at, id) < (${time}, ${time + 1})"
                : $" AND created_at >= ${time} AND (created_at, id) > (${time}, ${time + 1})";
        }

        command.CommandText =
            $"""
            SELECT {Columns} FROM sms_messages
             WHERE user_id = $1 AND created_at >= $2 AND created_at < $3{conditions}
             ORDER BY created_at {order}, id {order} LIMIT $4
            """;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var messages = new List<MessageView>(limit);
        while (await reader.ReadAsync(cancellationToken))
        {
            messages.Add(Read(reader));
        }

        return messages;
    }

    public async Task<StatisticsView> CountAsync(long userId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT state::text, count(*) FROM sms_messages WHERE user_id = $1 AND created_at >= $2 AND created_at < $3 GROUP BY state");
        Add(command, userId, from, to);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new Dictionary<string, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            counts[reader.GetString(0)] = reader.GetInt64(1);
        }

        return Statistics.Of(state => counts.GetValueOrDefault(state.Name()));
    }

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (object value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
    }

    private static MessageView Read(NpgsqlDataReader reader)
    {
        string status = reader.GetString(5);
        var createdAt = reader.GetFieldValue<DateTimeOffset>(10);
        var sentAt = Time(reader, 13);
        var finishedAt = Time(reader, 14);
        return new()
        {
            Id = reader.GetGuid(0),
            Recipient = reader.GetString(1),
            Message = reader.GetString(2),
            Sender = Text(reader, 3),
            Priority = reader.GetString(4),
            Status = status,
            Encoding = reader.GetString(6),
            Segments = reader.GetInt16(7),
            Cost = new(reader.GetInt64(8)),
            ClientReference = Text(reader, 9),
            CreatedAt = createdAt,
            ScheduledAt = Time(reader, 11),
            ValidUntil = reader.GetFieldValue<DateTimeOffset>(12),
            SentAt = sentAt,
            FinishedAt = finishedAt,
            Provider = Text(reader, 16),
            ProviderMessageId = Text(reader, 17),
            ErrorCode = Text(reader, 18),
            Attempts = reader.GetInt16(19),
            History = History.Of(status, createdAt, Time(reader, 15), sentAt, finishedAt),
        };
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
