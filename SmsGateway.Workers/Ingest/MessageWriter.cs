using Npgsql;

using NpgsqlTypes;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Text;

namespace SmsGateway.Workers.Ingest;

/// <summary>Writes messages by binary <c>COPY</c>, within the caller's transaction.</summary>
internal static class MessageWriter
{
    private const string Columns =
        """
        id, created_at, user_id, cost, scheduled_at, valid_until, priority, encoding, segments, recipient, body, sender, client_reference, callback_url,
        request_id, request_fingerprint
        """;

    /// <summary>Writes straight into the table. One bad row, or one that is there already, refuses all.</summary>
    public static Task CopyAsync(NpgsqlConnection connection, ArraySegment<QueuedMessage> messages, CancellationToken cancellationToken) =>
        CopyAsync(connection, "sms_messages", messages, cancellationToken);

    /// <summary>Writes by way of a staging table, leaving out what is there already; returns the ids that were inserted.</summary>
    public static async Task<HashSet<Guid>> CopyNewAsync(
        NpgsqlConnection connection, ArraySegment<QueuedMessage> messages, CancellationToken cancellationToken)
    {
        await using var make = new NpgsqlCommand(
            """
            DROP TABLE IF EXISTS pg_temp.sms_staging;
            CREATE TEMPORARY TABLE sms_staging (LIKE sms_messages INCLUDING DEFAULTS) ON COMMIT DROP;
            """, connection);
        await make.ExecuteNonQueryAsync(cancellationToken);
        await CopyAsync(connection, "pg_temp.sms_staging", messages, cancellationToken);

        await using var insert = new NpgsqlCommand(
            $"INSERT INTO sms_messages ({Columns}) SELECT {Columns} FROM pg_temp.sms_staging ON CONFLICT DO NOTHING RETURNING id", connection);
        await using var reader = await insert.ExecuteReaderAsync(cancellationToken);
        var inserted = new HashSet<Guid>(messages.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            inserted.Add(reader.GetGuid(0));
        }

        return inserted;
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, string table, ArraySegment<QueuedMessage> messages, CancellationToken cancellationToken)
    {
        await using var writer = await connection.BeginBinaryImportAsync($"COPY {table} ({Columns}) FROM STDIN (FORMAT binary)", cancellationToken);
        foreach (var message in messages)
        {
            await WriteRowAsync(writer, message, cancellationToken);
        }

        await writer.CompleteAsync(cancellationToken);
    }

    private static async Task WriteRowAsync(NpgsqlBinaryImporter writer, QueuedMessage message, CancellationToken cancellationToken)
    {
        await writer.StartRowAsync(cancellationToken);
        await writer.WriteAsync(message.Id, NpgsqlDbType.Uuid, cancellationToken);
        await writer.WriteAsync(message.CreatedAt, NpgsqlDbType.TimestampTz, cancellationToken);
        await writer.WriteAsync(message.UserId, NpgsqlDbType.Bigint, cancellationToken);
        await writer.WriteAsync(message.CostUnits, NpgsqlDbType.Bigint, cancellationToken);
        await WriteTimeAsync(writer, message.ScheduledAt, cancellationToken);
        await WriteTimeAsync(writer, message.ValidUntil, cancellationToken);
        // The binary form of an enum value is its label.
        await writer.WriteAsync(message.Priority.Name(), NpgsqlDbType.Text, cancellationToken);
        await writer.WriteAsync(message.Encoding.Name(), NpgsqlDbType.Text, cancellationToken);
        await writer.WriteAsync((short)message.Segments, NpgsqlDbType.Smallint, cancellationToken);
        await writer.WriteAsync(message.Recipient, NpgsqlDbType.Text, cancellationToken);
        await writer.WriteAsync(message.Text, NpgsqlDbType.Text, cancellationToken);
        await WriteTextAsync(writer, message.Sender, cancellationToken);
        await WriteTextAsync(writer, message.ClientReference, cancellationToken);
        await WriteTextAsync(writer, message.CallbackUrl, cancellationToken);
        await WriteTextAsync(writer, message.RequestId, cancellationToken);
        await WriteTextAsync(writer, message.RequestFingerprint, cancellationToken);
    }

    private static Task WriteTimeAsync(NpgsqlBinaryImporter writer, DateTimeOffset? time, CancellationToken cancellationToken) =>
        time is { } value
            ? writer.WriteAsync(value.ToUniversalTime(), NpgsqlDbType.TimestampTz, cancellationToken)
            : writer.WriteNullAsync(cancellationToken);

    private static Task WriteTextAsync(NpgsqlBinaryImporter writer, string? text, CancellationToken cancellationToken) =>
        text is null ? writer.WriteNullAsync(cancellationToken) : writer.WriteAsync(text, NpgsqlDbType.Text, cancellationToken);
}
