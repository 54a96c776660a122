using Npgsql;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Watchdog;

/// <summary>
/// How long the oldest has waited, as PostgreSQL knows it. An index on states would make every status update rewrite all indexes of its row, so
/// there is none: messages that are sent or queued are found by samples, along the primary key, which is in the order of time. Each look
/// reads the first rows of some stretches of the past, each twice as long as the next younger: a bounded number of rows, however many there are.
/// Exact where a stretch holds no more rows than are read of it; beyond that it finds what many messages have in common, such as a provider
/// that sends no receipts.
/// </summary>
internal sealed class DatabaseAges(NpgsqlDataSource database)
{
    /// <summary>What is older is not looked at: no message can be waiting for a receipt any more.</summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(4);

    private static readonly TimeSpan FirstStretch = TimeSpan.FromMinutes(1);

    private const int RowsPerStretch = 500;

    internal const string Samples =
        """
        SELECT min(m.sent_at) FILTER (WHERE m.state = 'sent'),
               min(m.due_at) FILTER (WHERE m.state = 'queued' AND m.due_at <= $5)
          FROM unnest($1, $2, $3, $4) AS stretch(first_id, last_id, first_time, last_time)
         CROSS JOIN LATERAL (
           SELECT state, sent_at, coalesce(scheduled_at, created_at) AS due_at
             FROM sms_messages
            WHERE id >= first_id AND id < last_id AND created_at >= first_time AND created_at < last_time
            ORDER BY id LIMIT $6) m
        """;

    public async Task AddAsync(Ages ages, CancellationToken cancellationToken)
    {
        await AddSamplesAsync(ages, cancellationToken);
        await using var command = database.CreateCommand(
            """
            SELECT (SELECT unknown_at FROM sms_messages WHERE unknown_at > $1 AND state = 'unknown' ORDER BY unknown_at LIMIT 1),
                   (SELECT due_at FROM webhook_outbox WHERE done_at IS NULL ORDER BY due_at LIMIT 1)
            """);
        command.Parameters.Add(new() { Value = ages.Now - Horizon });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        ages.Add(Place.Unknown, Time(reader, 0));
        ages.Add(Place.Webhook, Time(reader, 1));
    }

    private async Task AddSamplesAsync(Ages ages, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Samples);
        AddParameters(command, ages.Now);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        ages.Add(Place.Sent, Time(reader, 0));
        ages.Add(Place.Queued, Time(reader, 1));
    }

    internal static void AddParameters(NpgsqlCommand command, DateTimeOffset now)
    {
        var edges = Edges(now);
        command.Parameters.Add(new() { Value = edges[1..].Select(MessageId.First).ToArray() });
        command.Parameters.Add(new() { Value = edges[..^1].Select(MessageId.First).ToArray() });
        command.Parameters.Add(new() { Value = edges[1..] });
        command.Parameters.Add(new() { Value = edges[..^1] });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = (long)RowsPerStretch });
    }

    /// <summary>Where one stretch ends and the next older one begins, whole milliseconds as in ids; the youngest first.</summary>
    private static DateTimeOffset[] Edges(DateTimeOffset now)
    {
        var edges = new List<DateTimeOffset>();
        for (var age = TimeSpan.Zero; age < Horizon; age = age == TimeSpan.Zero ? FirstStretch : age * 2)
        {
            edges.Add(Whole(now - age));
        }

        return [.. edges, Whole(now - Horizon)];

        static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
    }

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
