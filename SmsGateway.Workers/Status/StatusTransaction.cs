using Npgsql;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Status;

/// <summary>What has become of a batch.</summary>
internal sealed class WrittenOutcomes
{
    /// <summary>Messages that reached a final state, by state.</summary>
    public Dictionary<MessageState, int> Finished { get; } = [];

    /// <summary>Messages whose cost was given back.</summary>
    public int Refunded { get; set; }

    /// <summary>Messages that a provider may have had, and of which it is clear now; with their accounts.</summary>
    public List<(long UserId, Guid Id)> Resolved { get; } = [];

    /// <summary>What names no message of the database.</summary>
    public List<MergedOutcome> Unmatched { get; } = [];

    /// <summary>Outcomes that the database refuses, and why.</summary>
    public List<(byte[] Payload, string Reason)> Refused { get; } = [];
}

/// <summary>
/// Writes a batch of outcomes: one statement moves the messages forward (<c>sms_state_after</c>), writes the refunds, and puts what customers
/// asked to be told into the webhook outbox. Writing the same batch twice, or two batches out of order, changes nothing more: states only go
/// forward, a refund's reference is its message, and an event's key is its message and state.
/// </summary>
internal sealed class StatusTransaction(NpgsqlDataSource database)
{
    private const string UpdateMessages =
        """
        WITH outcome AS (
          SELECT * FROM unnest($1, $2, $3::sms_state[], $4, $5, $6, $7, $8, $9, $10)
            AS u(id, created_at, state, sent_at, unknown_at, finished_at, provider, provider_message_id, error_code, attempts)
        ), changed AS (
          UPDATE sms_messages m SET
                 state               = sms_state_after(m.state, o.state),
                 sent_at             = coalesce(m.sent_at, o.sent_at),
                 unknown_at          = coalesce(m.unknown_at, o.unknown_at),
                 finished_at         = CASE WHEN sms_state_after(m.state, o.state) <> m.state THEN coalesce(m.finished_at, o.finished_at) ELSE m.finished_at END,
                 error_code          = CASE WHEN sms_state_after(m.state, o.state) <> m.state THEN coalesce(o.error_code, m.error_code) ELSE m.error_code END,
                 provider            = coalesce(m.provider, o.provider),
                 provider_message_id = coalesce(m.provider_message_id, o.provider_message_id),
                 attempts            = greatest(m.attempts, o.attempts)
            FROM outcome o
           WHERE m.id = o.id AND m.created_at = o.created_at AND m.created_at BETWEEN $11 AND $12 AND m.id = ANY($1)
          RETURNING m.id, m.user_id, m.cost, m.state, m.scheduled_at, m.sent_at, m.finished_at, m.segments,
                 m.callback_url, m.client_reference, m.error_code,
                 m.finished_at = o.finished_at AS finished_now, m.unknown_at IS NOT NULL AND m.state <> 'unknown' AS resolved,
                 CASE WHEN m.state >= 'delivered' THEN m.finished_at = o.finished_at
                      WHEN m.state = 'sent' THEN m.sent_at = o.sent_at
                      WHEN m.state = 'unknown' THEN m.unknown_at = o.unknown_at
                 END AS changed_now, coalesce(o.finished_at, o.sent_at, o.unknown_at) AS changed_at
        ), told AS (
          INSERT INTO webhook_outbox (sms_id, happened_at, due_at, scheduled_at, sent_at, finished_at,
                                      user_id, cost, state, lane, segments, url, client_reference, error_code)
          SELECT id, changed_at, changed_at, scheduled_at, sent_at, finished_at,
                 user_id, cost, state, webhook_lane(callback_url), segments, callback_url, client_reference, error_code
            FROM changed
           WHERE callback_url IS NOT NULL AND changed_now
          ON CONFLICT DO NOTHING
        ), refunded AS (
          INSERT INTO credit_ledger (user_id, kind, amount, reference, description)
          SELECT user_id, 'refund', cost, id::text, state::text FROM changed WHERE state IN ('failed', 'expired', 'cancelled')
          ON CONFLICT DO NOTHING
          RETURNING 1
        )
        SELECT id, state::text, coalesce(finished_now, false), (SELECT count(*) FROM refunded), resolved, user_id FROM changed
        """;

    /// <summary>
    /// For this transaction: find the messages by an index, and join by hash. Statistics are older than what is updated, so the planner
    /// believes that there is nothing at the time of the batch, and left to itself compares each message with each outcome.
    /// </summary>
    private const string PinPlan = "SELECT set_config('enable_nestloop', 'off', true), set_config('enable_seqscan', 'off', true)";

    /// <summary>Writes the batch, which is not empty, and adds to <paramref name="written"/> what has become of it.</summary>
    public async Task WriteAsync(IReadOnlyList<MergedOutcome> messages, WrittenOutcomes written, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        var update = new NpgsqlBatchCommand(UpdateMessages);
        AddParameters(update.Parameters, messages);
        batch.BatchCommands.Add(new(PinPlan));
        batch.BatchCommands.Add(update);
        var found = new HashSet<Guid>(messages.Count);
        long refunds = 0;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(reader.GetGuid(0));
                refunds = reader.GetInt64(3);
                if (reader.GetBoolean(4))
                {
                    written.Resolved.Add((reader.GetInt64(5), reader.GetGuid(0)));
                }

                if (reader.GetBoolean(2) && MessageStates.TryParse(reader.GetString(1), out var state))
                {
                    written.Finished[state] = written.Finished.GetValueOrDefault(state) + 1;
                }
            }
        }

        written.Refunded += (int)refunds;
        written.Unmatched.AddRange(messages.Where(message => !found.Contains(message.Id)));
    }

    private static void AddParameters(NpgsqlParameterCollection parameters, IReadOnlyList<MergedOutcome> messages)
    {
        void Add<T>(Func<MergedOutcome, T> column) => parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. messages.Select(column)] });

        Add(message => message.Id);
        Add(message => message.CreatedAt);
        Add(message => message.State.Name());
        Add(message => message.SentAt?.ToUniversalTime());
        Add(message => message.UnknownAt?.ToUniversalTime());
        Add(message => message.FinishedAt?.ToUniversalTime());
        Add(message => message.Provider);
        Add(message => message.ProviderMessageId);
        Add(message => message.ErrorCode);
        Add(message => (short)message.Attempts);
        // Bounds known when the statement is planned: only the partitions in question are looked at.
        parameters.Add(new() { Value = messages.Min(message => message.CreatedAt) });
        parameters.Add(new() { Value = messages.Max(message => message.CreatedAt) });
    }
}
