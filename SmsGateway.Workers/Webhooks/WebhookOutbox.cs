using Microsoft.Extensions.Options;

using Npgsql;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Webhooks;

/// <summary>What becomes of an event after a call.</summary>
/// <param name="What">The event.</param>
/// <param name="Result">delivered, gone, refused or given_up; null: it is told again.</param>
/// <param name="At">When it ended, or is due again.</param>
/// <param name="Error">Why it was not told; null where it was.</param>
internal readonly record struct WebhookVerdict(WebhookEvent What, string? Result, DateTimeOffset At, string? Error);

/// <summary>
/// The outbox, shared by all workers. A claim is a lease: due_at lies behind it, so the events of a worker that died are due again by themselves.
/// Claims go round over the lanes and take few of each, so no lane waits behind what another has piled up. Used by one loop.
/// </summary>
internal sealed class WebhookOutbox(NpgsqlDataSource database, IOptions<WebhookOptions> options, TimeProvider clock)
{
    /// <summary>Added to the time of a call: as long as PostgreSQL may take to hear of its end.</summary>
    private static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(30);

    /// <summary>Lanes looked at in one claim.</summary>
    private const int LanesPerClaim = 256;

    /// <summary>
    /// Steps from lane to lane through the index of open rows, so that its cost is that of the lanes and not of what waits in them. A row that is
    /// being claimed by another worker is passed over.
    /// </summary>
    private const string Claim =
        """
        WITH RECURSIVE lane AS (
          (SELECT user_id, lane, 1 AS number FROM webhook_outbox
            WHERE done_at IS NULL AND (user_id, lane) > ($1, $2) ORDER BY user_id, lane LIMIT 1)
          UNION ALL
          SELECT following.user_id, following.lane, l.number + 1 FROM lane l CROSS JOIN LATERAL (
            SELECT o.user_id, o.lane FROM webhook_outbox o
             WHERE o.done_at IS NULL AND (o.user_id, o.lane) > (l.user_id, l.lane) ORDER BY o.user_id, o.lane LIMIT 1) following
           WHERE l.number < $3
        ), due AS (
          SELECT o.sms_id, o.state
            FROM lane l
            LEFT JOIN unnest($4, $5, $6) AS r(user_id, lane, room) ON r.user_id = l.user_id AND r.lane = l.lane
            CROSS JOIN LATERAL (
              SELECT sms_id, state FROM webhook_outbox w
               WHERE w.done_at IS NULL AND w.user_id = l.user_id AND w.lane = l.lane AND w.due_at <= $7
               ORDER BY w.due_at LIMIT coalesce(r.room, $8) FOR UPDATE SKIP LOCKED) o
           ORDER BY l.number
           LIMIT $9
        ), claimed AS (
          UPDATE webhook_outbox o SET due_at = $10, attempts = o.attempts + 1, expires_at = coalesce(o.expires_at, $11)
            FROM due
           WHERE o.sms_id = due.sms_id AND o.state = due.state
          RETURNING o.*
        )
        SELECT last.user_id, last.lane, last.number, c.sms_id, c.state::text, c.user_id, c.lane, c.attempts, c.expires_at, c.happened_at, c.url,
               c.client_reference, c.error_code, c.segments, c.cost, c.scheduled_at, c.sent_at, c.finished_at,
               s.secret, CASE WHEN s.previous_until > $7 THEN s.previous END
          FROM (SELECT user_id, lane, number FROM lane ORDER BY number DESC LIMIT 1) last
          LEFT JOIN claimed c ON true
          LEFT JOIN webhook_secrets s ON s.user_id = c.user_id
        """;

    private static readonly Lane BeforeAll = new(0, -1);

    private readonly WebhookOptions _options = options.Value;

    /// <summary>The lane that the last claim ended with.</summary>
    private Lane _last = BeforeAll;

    /// <summary>Whether the next claim begins with the first lane again.</summary>
    public bool IsRoundComplete => _last == BeforeAll;

    /// <summary>Claims events that are due, of the lanes behind those of the claim before.</summary>
    /// <param name="most">Most events to claim.</param>
    /// <param name="restricted">Lanes with another room than <see cref="WebhookOptions.LaneConcurrency"/>.</param>
    /// <param name="cancellationToken">Ends the claim; what was claimed by then is due again after the lease.</param>
    public async Task<List<WebhookEvent>> ClaimAsync(int most, (Lane Lane, int Room)[] restricted, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var command = Command(
            Claim, _last.UserId, _last.Number, LanesPerClaim,
            restricted.Select(one => one.Lane.UserId).ToArray(), restricted.Select(one => one.Lane.Number).ToArray(), restricted.Select(one => one.Room).ToArray(),
            now, _options.LaneConcurrency, most, now + _options.AttemptTimeout + LeaseMargin, now + _options.RetryWindow);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<WebhookEvent>();
        var last = BeforeAll;
        while (await reader.ReadAsync(cancellationToken))
        {
            last = reader.GetInt32(2) < LanesPerClaim ? BeforeAll : new(reader.GetInt64(0), reader.GetInt16(1));
            if (!reader.IsDBNull(3))
            {
                events.Add(Read(reader));
            }
        }

        // A claim that was full may not have come to the last lane that it looked at.
        _last = events.Count < most ? last : events.Select(what => what.Lane).MaxBy(lane => (lane.UserId, lane.Number));
        return events;
    }

    /// <summary>
    /// Writes what became of events. An event whose lease has ended meanwhile belongs to whoever has it now, unless it was delivered.
    /// </summary>
    public async Task RecordAsync(IReadOnlyCollection<WebhookVerdict> verdicts, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            UPDATE webhook_outbox o
               SET due_at = CASE WHEN v.result IS NULL THEN v.at ELSE o.due_at END, done_at = CASE WHEN v.result IS NOT NULL THEN v.at END,
                   result = v.result, last_error = v.error
              FROM unnest($1, $2::sms_state[], $3, $4, $5, $6) AS v(sms_id, state, attempts, result, at, error)
             WHERE o.sms_id = v.sms_id AND o.state = v.state AND o.done_at IS NULL AND (o.attempts = v.attempts OR v.result = 'delivered')
            """,
            verdicts.Select(verdict => verdict.What.SmsId).ToArray(), verdicts.Select(verdict => verdict.What.State.Name()).ToArray(),
            verdicts.Select(verdict => verdict.What.Attempts).ToArray(), verdicts.Select(verdict => verdict.Result).ToArray(),
            verdicts.Select(verdict => verdict.At.ToUniversalTime()).ToArray(), verdicts.Select(verdict => verdict.Error).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string sql, params object[] arguments)
    {
        var command = database.CreateCommand(sql);
        foreach (object argument in arguments)
        {
            command.Parameters.Add(new() { Value = argument });
        }

        return command;
    }

    private static WebhookEvent Read(NpgsqlDataReader reader)
    {
        MessageStates.TryParse(reader.GetString(4), out var state);
        var smsId = reader.GetGuid(3);
        return new()
        {
            SmsId = smsId,
            State = state,
            Lane = new(reader.GetInt64(5), reader.GetInt16(6)),
            Attempts = reader.GetInt16(7),
            ExpiresAt = reader.GetFieldValue<DateTimeOffset>(8),
            HappenedAt = reader.GetFieldValue<DateTimeOffset>(9),
            Url = reader.GetString(10),
            Secrets = [.. new[] { 18, 19 }.Where(column => !reader.IsDBNull(column)).Select(column => new WebhookSecret((byte[])reader[column]))],
            Data = new()
            {
                SmsId = smsId,
                Status = state.Name(),
                ClientReference = reader.IsDBNull(11) ? null : reader.GetString(11),
                ErrorCode = reader.IsDBNull(12) ? null : reader.GetString(12),
                Segments = reader.GetInt16(13),
                Cost = new(reader.GetInt64(14)),
                CreatedAt = MessageId.CreatedAt(smsId),
                ScheduledAt = Time(reader, 15),
                SentAt = Time(reader, 16),
                FinishedAt = Time(reader, 17),
            },
        };
    }

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
