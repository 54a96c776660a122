using System.Globalization;
using System.Runtime.CompilerServices;

using Npgsql;

using SmsGateway.Core.Messages;

namespace SmsGateway.Workers.Recovery;

/// <summary>A request that was answered, as the database remembers it.</summary>
/// <param name="UserId">The account that sent it.</param>
/// <param name="RequestId">What it was sent under.</param>
/// <param name="Record">What accept.lua stored of it.</param>
/// <param name="Life">How long it has to be recognised yet.</param>
internal readonly record struct AnsweredRequest(long UserId, string RequestId, string Record, TimeSpan Life)
{
    /// <summary>The requests of a shard that may be repeated still.</summary>
    public static async IAsyncEnumerable<AnsweredRequest> ReadAsync(
        NpgsqlConnection session, DateTimeOffset now, TimeSpan lifetime, int shard, int shards,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Ids are in the order of time, so the primary key leads straight to the newest; and the messages of a bulk lie side by side.
        await using var command = new NpgsqlCommand(
            """
            SELECT id, user_id, request_id, request_fingerprint, cost
              FROM sms_messages
             WHERE created_at > $1 AND id >= $2 AND request_id IS NOT NULL AND user_id % $3 = $4
             ORDER BY id
            """, session)
        {
            Parameters =
            {
                new() { Value = now - lifetime }, new() { Value = MessageId.First(now - lifetime) },
                new() { Value = (long)shards }, new() { Value = (long)shard },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        StoredBulk? bulk = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetGuid(0);
            string fingerprint = reader.GetString(3);
            if (!fingerprint.StartsWith(BulkRecord.FingerprintPrefix, StringComparison.Ordinal))
            {
                string record = string.Create(CultureInfo.InvariantCulture, $"{fingerprint} {id} {reader.GetInt64(4)}");
                yield return new(reader.GetInt64(1), reader.GetString(2), record, MessageId.CreatedAt(id) + lifetime - now);
                continue;
            }

            var (first, position) = MessageId.OfBulk(id);
            if (bulk?.First != first)
            {
                if (bulk is not null)
                {
                    yield return bulk.ToRequest(now, lifetime);
                }

                bulk = new(reader.GetInt64(1), reader.GetString(2), fingerprint, first);
            }

            bulk.Add(position, reader.GetInt64(4));
        }

        if (bulk is not null)
        {
            yield return bulk.ToRequest(now, lifetime);
        }
    }

    /// <summary>A bulk of which some messages have been read.</summary>
    private sealed record StoredBulk(long UserId, string RequestId, string Fingerprint, Guid First)
    {
        private readonly List<long> _costs = [];

        /// <summary>Adds the next message; one that was left out is missing.</summary>
        public void Add(int position, long cost)
        {
            _costs.AddRange(Enumerable.Repeat(0L, position - _costs.Count));
            _costs.Add(cost);
        }

        public AnsweredRequest ToRequest(DateTimeOffset now, TimeSpan lifetime) =>
            new(UserId, RequestId, new BulkRecord(Fingerprint, First, _costs).ToString(), MessageId.CreatedAt(First) + lifetime - now);
    }
}
