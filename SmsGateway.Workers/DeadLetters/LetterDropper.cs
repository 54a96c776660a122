using Npgsql;

using SmsGateway.Core.Messages;
using SmsGateway.Core.Redis;

using StackExchange.Redis;

namespace SmsGateway.Workers.DeadLetters;

/// <summary>
/// Drops dead letters, each with the reason, which is kept. Money: what ingest set aside was paid back then; a message that the database has
/// ends as failed, and the status flush gives its cost back, once; an outcome never moved money. The customer is told of a message that ends so.
/// </summary>
internal sealed class LetterDropper(IConnectionMultiplexer connection, NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>The error code of a message that ends because its letter was dropped.</summary>
    public const string ErrorCode = "dropped";

    /// <summary>Drops a letter; false where it is not there any more.</summary>
    public async Task<bool> DropAsync(SetAside letter, string reason, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await RecordAsync(session, letter, reason, cancellationToken);
        if (letter.Message is { CallbackUrl: not null } message)
        {
            await TellAsync(session, message, cancellationToken);
        }

        // Before the commit: whoever puts the same letter back at this moment must not find it recorded as dropped.
        if (!await TakeAwayAsync(letter))
        {
            return false;
        }

        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    private async Task<bool> TakeAwayAsync(SetAside letter)
    {
        var keys = letter.Keys;
        if (letter.Damaged is not { } id)
        {
            return await connection.GetDatabase().ListRemoveAsync(keys.DeadLetters, letter.Raw, 1) == 1;
        }

        var failed = new Outcome { Id = id, State = MessageState.Failed, At = clock.GetUtcNow(), ErrorCode = ErrorCode };
        return (int)await RedisScript.DropLetter.RunAsync(
            connection.GetDatabase(), [keys.DeadLetters, keys.StatusBuffer, keys.Messages], [letter.Raw, MessageJson.Write(failed), id.ToString()]) == 1;
    }

    private async Task RecordAsync(NpgsqlConnection session, SetAside letter, string reason, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO dropped_letters (letter, source, message_id, set_aside_at, set_aside_because, dropped_at, dropped_because)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, session)
        {
            Parameters =
            {
                new() { Value = letter.Id },
                new() { Value = letter.Letter?.Source ?? "unreadable" },
                new() { Value = letter.Letter?.Id?.Replace("\0", "", StringComparison.Ordinal) ?? (object)DBNull.Value },
                new() { Value = letter.Letter?.At.ToUniversalTime() ?? (object)DBNull.Value },
                new() { Value = letter.Letter?.Reason ?? (object)DBNull.Value },
                new() { Value = clock.GetUtcNow() },
                new() { Value = reason },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The database has no row of such a message, whose end no flush will tell.</summary>
    private async Task TellAsync(NpgsqlConnection session, QueuedMessage message, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO webhook_outbox (sms_id, happened_at, due_at, scheduled_at, finished_at, user_id, cost, state, lane, segments, url, client_reference, error_code)
            VALUES ($1, $2, $2, $3, $2, $4, $5, 'failed', webhook_lane($6), $7, $6, $8, $9) ON CONFLICT DO NOTHING
            """, session)
        {
            Parameters =
            {
                new() { Value = message.Id },
                new() { Value = clock.GetUtcNow() },
                new() { Value = message.ScheduledAt?.ToUniversalTime() ?? (object)DBNull.Value },
                new() { Value = message.UserId },
                new() { Value = message.CostUnits },
                new() { Value = Storable(message.CallbackUrl) },
                new() { Value = (short)Math.Clamp(message.Segments, 0, short.MaxValue) },
                new() { Value = Storable(message.ClientReference) },
                new() { Value = ErrorCode },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>PostgreSQL keeps no NUL; a message may have been set aside for one.</summary>
    private static object Storable(string? text) => text?.Replace("\0", "", StringComparison.Ordinal) ?? (object)DBNull.Value;
}
